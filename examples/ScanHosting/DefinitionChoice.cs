using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>Finds the definitions to scan with, and says what was found and not used.</summary>
public static class DefinitionChoice
{
    /// <summary>Loads the definitions that were named, else those that are usually there, else the embedded ones.</summary>
    /// <param name="named">The folder or file that the user named, if any.</param>
    /// <param name="options">What is loaded.</param>
    /// <param name="onWarning">Is told what a user should know of the definitions.</param>
    /// <param name="folders">Where definitions usually are; <see langword="null"/> to look for them.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <exception cref="IOException">The named definitions are not there, or hold nothing that can be used.</exception>
    public static SignatureDatabase Load(
        string? named,
        SignatureLoadOptions options,
        Action<string> onWarning,
        IReadOnlyList<DefinitionFolder>? folders = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(onWarning);
        if (named is not null)
        {
            SignatureDatabase database = SignatureDatabase.Load(named, options, cancellationToken);
            Warn(database, onWarning);
            return database.Report.Loaded > 0
                ? database
                : throw new IOException($"{named} holds no definitions that can be used.");
        }

        folders ??= DefinitionFolders.Find();
        foreach (DefinitionFolder closed in folders.Where(static folder => !folder.IsReadable))
        {
            onWarning($"The definitions of {closed.Product} in {closed.Path} are in a closed format and cannot be read.");
        }

        foreach (DefinitionFolder folder in folders.Where(static folder => folder.IsReadable))
        {
            SignatureDatabase database = SignatureDatabase.Load(folder.Path, options, cancellationToken);
            Warn(database, onWarning);
            if (database.Report.Loaded > 0)
            {
                return database;
            }
        }

        onWarning("No AV definitions were found that can be read: only the EICAR test file is known. Name some with --definitions.");
        return SignatureDatabase.Embedded;
    }

    private static void Warn(SignatureDatabase database, Action<string> onWarning)
    {
        foreach (IGrouping<string?, DefinitionFileReport> unread in database.Report.Unread.GroupBy(static file => file.Unread))
        {
            onWarning($"Not used, {unread.Key}: {string.Join(", ", unread.Select(static file => PrintableText.Escape(file.Path)))}");
        }

        foreach (DefinitionFileReport file in database.Report.Files.Where(static file => file.Malformed > 0))
        {
            onWarning($"{file.Malformed:N0} malformed lines, the first: {PrintableText.Escape(file.MalformedLines[0].ToString())}");
        }
    }
}
