using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Definitions whose verdicts a lane keeps. Immutable.</summary>
/// <param name="Index">The number that entries of the table carry, modulo 256 in the order of learning.</param>
/// <param name="Stamp">The publisher's number and half the digest.</param>
/// <param name="Version">The version as people know it.</param>
/// <param name="Published">When they were published, if that is known.</param>
/// <param name="Learnt">When the server learnt of them.</param>
internal sealed record Generation(byte Index, DefinitionsStamp Stamp, string Version, DateTimeOffset? Published, DateTimeOffset Learnt)
{
    public static Generation Of(DefinitionsDocument definitions, byte index, DateTimeOffset now)
        => new(index, StampOf(definitions), definitions.Version, definitions.Published, now);

    public static DefinitionsStamp StampOf(DefinitionsDocument definitions) => DefinitionsStamp.Of(definitions.Sequence, definitions.Digest);
}
