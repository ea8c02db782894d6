using System.Buffers.Binary;
using System.Globalization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>Names the definitions of a lane on the wire: the publisher's number, and the first half of the digest over what they find.</summary>
/// <param name="Sequence">The number, from 0 on; it grows with each publication.</param>
/// <param name="Digest">The first 16 bytes of the digest, big-endian.</param>
public readonly record struct DefinitionsStamp(long Sequence, UInt128 Digest)
{
    /// <summary>Makes the stamp of definitions.</summary>
    /// <param name="sequence">Their number.</param>
    /// <param name="digest">The hash over what they find.</param>
    /// <returns>The stamp.</returns>
    public static DefinitionsStamp Of(long sequence, ContentHash digest)
    {
        Span<byte> bytes = stackalloc byte[ContentHash.Size];
        digest.CopyTo(bytes);
        return new DefinitionsStamp(sequence, BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>Makes the stamp of definitions.</summary>
    /// <param name="definitions">The definitions.</param>
    /// <returns>The stamp.</returns>
    public static DefinitionsStamp Of(DefinitionSet definitions)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        return Of(definitions.Sequence, definitions.Digest);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Sequence}/{Digest:x32}");
}
