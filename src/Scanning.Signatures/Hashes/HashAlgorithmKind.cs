namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The hashes that signatures are written in; their length in hexadecimal digits tells them apart.</summary>
internal enum HashAlgorithmKind
{
    Md5,
    Sha1,
    Sha256,
}
