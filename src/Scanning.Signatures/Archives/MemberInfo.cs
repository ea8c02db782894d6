namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a container says of one of its members.</summary>
/// <param name="Name">The name as it is stored, shortened if it is very long; made up where the container has no names. Somebody hostile may have chosen it.</param>
/// <param name="Position">The number of the member in its container, from 1.</param>
internal sealed record MemberInfo(string Name, int Position)
{
    /// <summary>Gets whether the member is encrypted.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Gets how many bytes the member takes in its container; <see langword="null"/> where it has no room of its own.</summary>
    public long? PackedLength { get; init; }

    /// <summary>Gets how long the container says that the member is.</summary>
    public long? StatedLength { get; init; }

    /// <summary>Gets the checksum that the container states, where it is a CRC-32.</summary>
    public uint? Crc32 { get; init; }
}
