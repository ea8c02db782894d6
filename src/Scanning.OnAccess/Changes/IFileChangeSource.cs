namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Tells which files change. Changes are gathered from the moment the source is opened, whether or not they are read.</summary>
/// <remarks>Safe for concurrent use. Disposing ends the reading.</remarks>
public interface IFileChangeSource : IAsyncDisposable
{
    /// <summary>Gets where the events come from: <c>fanotify</c>, <c>inotify</c>, <c>ReadDirectoryChangesW</c>.</summary>
    string Mechanism { get; }

    /// <summary>Tells the changes, in the order in which the operating system told them. Each goes to one reader.</summary>
    /// <param name="cancellationToken">Ends the reading, not the gathering.</param>
    /// <returns>The changes: without end, until the source is disposed.</returns>
    /// <exception cref="IOException">The source has failed and tells nothing more: nothing is to be trusted until another is open and all is checked.</exception>
    /// <exception cref="OperationCanceledException">The reading was ended.</exception>
    IAsyncEnumerable<FileChange> ReadAllAsync(CancellationToken cancellationToken = default);
}
