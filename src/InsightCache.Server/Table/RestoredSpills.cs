namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>How many keys of each bucket live in their second one, counted while buckets are restored in any order: a bucket that is still to be read would lose its count. Safe for any number of threads.</summary>
/// <param name="buckets">The number of the table's buckets: so many bytes are taken until this is disposed.</param>
/// <exception cref="InsufficientMemoryException">The system gives no such memory.</exception>
internal sealed unsafe class RestoredSpills(long buckets) : IDisposable
{
    private readonly SystemMemory _counts = new(buckets + Environment.SystemPageSize);

    /// <summary>Gets the number of the table's buckets.</summary>
    public long Buckets { get; } = buckets;

    /// <summary>Keeps the counts while they are used.</summary>
    public SystemMemory.Lease Borrow() => _counts.Borrow();

    /// <summary>Gets the count of a bucket, as <see cref="VerdictTable{TKeys}.Bucket.Spilled"/> has it. Only under a lease.</summary>
    public ref byte Of(long bucket) => ref unchecked(((byte*)_counts.DangerousGetHandle())[bucket]);

    public void Dispose() => _counts.Dispose();
}
