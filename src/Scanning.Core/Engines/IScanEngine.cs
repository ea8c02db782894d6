namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Scans contents for threats.</summary>
/// <remarks>Implementations are safe for concurrent use, and may change to newer definitions at any time between two scans.</remarks>
public interface IScanEngine
{
    /// <summary>Gets the engine's name; part of every verdict's scope.</summary>
    string Name { get; }

    /// <summary>Gets the definitions in use now.</summary>
    DefinitionSet Definitions { get; }

    /// <summary>Gets the options that can change a verdict.</summary>
    ScanProfile Profile { get; }

    /// <summary>Scans one content, without its named streams.</summary>
    /// <param name="content">The content.</param>
    /// <param name="hash">The hash of the whole content, where it was computed already: every byte was then readable a moment ago.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    /// <returns>
    /// The verdict. It is <see cref="VerdictKind.Clean"/> only if every stored byte that could matter to the definitions was read.
    /// </returns>
    /// <exception cref="IOException">The content could not be read.</exception>
    /// <exception cref="ScanLimitException">A bound of the scan was reached; a session makes <see cref="VerdictKind.Incomplete"/> of it.</exception>
    /// <exception cref="OperationCanceledException">The scan was ended.</exception>
    EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken);
}

/// <summary>What an engine says of a content, and with which definitions.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Definitions">The definitions that it was found with, which may no longer be the engine's current ones.</param>
public readonly record struct EngineVerdict(Verdict Verdict, DefinitionSet Definitions);
