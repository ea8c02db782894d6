namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Remembers the hash of files by their identity, so that an unchanged file is not read again to be hashed.</summary>
/// <remarks>
/// A remembered hash serves to ask whether a file may be skipped. A file that is scanned is hashed again, so that no verdict stands beside the hash of bytes that
/// nobody has read. A memo that throws costs reading the file. An answer is never given when any part of the identity moved. Implementations are safe for concurrent use.
/// </remarks>
public interface IHashMemo
{
    /// <summary>Looks up the hash of an unchanged file.</summary>
    /// <param name="identity">The file's identity now.</param>
    /// <param name="hash">The hash.</param>
    /// <returns><see langword="false"/> if nothing is known of a file of exactly this identity.</returns>
    bool TryGet(FileIdentity identity, out ContentHash hash);

    /// <summary>Remembers a hash.</summary>
    /// <param name="identity">The file's identity before its content was read; it must still be the same afterwards.</param>
    /// <param name="hash">The hash of the whole content.</param>
    void Remember(FileIdentity identity, ContentHash hash);
}
