namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Receives every completely scanned file, to build a seal of an image from.</summary>
/// <remarks>The session calls from one thread at a time. A file that changed while it was scanned is left out.</remarks>
public interface ISealSink
{
    /// <summary>Takes a file that was scanned to its end.</summary>
    /// <param name="identity">The file.</param>
    /// <param name="hash">The hash of the bytes that the engine scanned.</param>
    /// <param name="verdict">What the engine said: clean or infected.</param>
    /// <param name="scope">Within which the verdict holds.</param>
    void Add(FileIdentity identity, ContentHash hash, Verdict verdict, VerdictScope scope);
}
