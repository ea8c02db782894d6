namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Where contents to scan come from: an image, a folder, a list.</summary>
public interface IScanSource
{
    /// <summary>Gets what to call the source in reports: the image's path.</summary>
    string Name { get; }

    /// <summary>Gets how many stored bytes there are to scan, as far as it is known; progress is measured by it.</summary>
    long? StoredBytes { get; }

    /// <summary>Lists the contents. Called once, on a thread of the session.</summary>
    /// <param name="onProblem">
    /// Is told of what could not be listed or read; the listing goes on. It may be called until the last content is disposed, from any thread: when the session
    /// has done with a content is when the source knows whether it stayed as it was.
    /// </param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The contents, made as they are taken. The session disposes each.</returns>
    IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken);
}
