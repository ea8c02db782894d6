namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>The kinds of frames between a host and its worker.</summary>
internal enum WorkerFrameKind : byte
{
    /// <summary>Worker: the engine is ready. Profile, definitions.</summary>
    Ready = 1,

    /// <summary>Worker: the engine cannot be used. Why.</summary>
    NotReady,

    /// <summary>Host: scan a content. Length.</summary>
    Scan,

    /// <summary>Worker: bytes of the content are wanted. Offset, count.</summary>
    Read,

    /// <summary>Host: the bytes.</summary>
    Bytes,

    /// <summary>Host: the bytes cannot be read, or the scan is to end.</summary>
    ReadFailed,

    /// <summary>Worker: the scan has ended. Verdict, definitions.</summary>
    Verdict,
}
