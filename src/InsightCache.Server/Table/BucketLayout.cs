namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Where the fields of a bucket are, whatever is kept of keys: README.md draws them.</summary>
internal static class BucketLayout
{
    /// <summary>A count of spilled keys that no longer counts, but stays: the bucket had more than it can tell.</summary>
    public const byte ManySpilled = byte.MaxValue;

    public const int Tags = 0;
    public const int Spilled = 15;
    public const int Sequence = 16;
    public const int Origins = 20;
    public const int Main = 50;
    public const int Frequencies = 52;
    public const int Order = 56;
    public const int Expiries = 64;
    public const int Guests = 94;
    public const int Keys = 96;
}
