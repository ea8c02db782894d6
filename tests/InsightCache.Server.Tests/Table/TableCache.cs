using System.Buffers.Binary;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>The verdict table as a cache of contents.</summary>
internal sealed class TableCache : IContentCache, IDisposable
{
    private readonly byte[] _key = new byte[VerdictTable.KeySize];
    private readonly VerdictTable _table;

    /// <summary>Initializes an empty cache.</summary>
    /// <param name="capacity">How many contents it holds.</param>
    public TableCache(int capacity)
    {
        _table = VerdictTable.Create((long)capacity * FullKeys.BucketSize / 15 / 4096 * 4096, new TableSecret(new byte[32]));
        _table.SetAlive(0, 0, true);
    }

    public bool Ask(int content)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_key, content);
        Span<byte> found = stackalloc byte[1];
        _table.Find(_key, AcceptedGenerations.Exactly(0, 0), 0, found, default, default);
        return found[0] == 1 || _table.Add(_key, 0, 0, ushort.MaxValue, 0) != AddResult.Added;
    }

    public void Dispose() => _table.Dispose();
}
