namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Changes bytes that come in pieces; where they are cut makes no difference.</summary>
internal interface IByteFilter
{
    /// <summary>Takes a piece.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Ends the bytes, and writes what was kept back.</summary>
    void Complete();
}
