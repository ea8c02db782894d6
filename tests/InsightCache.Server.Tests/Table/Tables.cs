using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>Tables and keys for the tests of this folder.</summary>
internal static class Tables
{
    /// <summary>Later than every test's time.</summary>
    public const ushort Forever = ushort.MaxValue;

    /// <summary>A table of so many bytes with a secret that is always the same; generations 0 and 1 of all lanes are alive.</summary>
    public static VerdictTable Make(long bytes = 1 << 20, bool compact = false)
    {
        VerdictTable table = VerdictTable.Create(bytes, new TableSecret(SHA256.HashData([1])), compact);
        for (int lane = 0; lane <= byte.MaxValue; lane++)
        {
            table.SetAlive((byte)lane, 0, true);
            table.SetAlive((byte)lane, 1, true);
        }

        return table;
    }

    /// <summary>A key of its own for each number, as even as a hash.</summary>
    public static byte[] Key(long number)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return SHA256.HashData(bytes);
    }

    /// <summary>Many keys, one behind the other, by a generator that is quicker than a hash.</summary>
    public static byte[] Keys(int count, int seed)
    {
        byte[] keys = new byte[count * VerdictTable.KeySize];
        new Random(seed).NextBytes(keys);
        return keys;
    }

    public static bool Has(this VerdictTable table, byte[] key, AcceptedGenerations accepted, ushort hour = 0)
    {
        Span<byte> found = stackalloc byte[1];
        table.Find(key, accepted, hour, found, default, default);
        return found[0] == 1;
    }

    public static bool Has(this VerdictTable table, byte[] key, byte lane = 0, byte generation = 0, ushort hour = 0)
        => table.Has(key, AcceptedGenerations.Exactly(lane, generation), hour);

    /// <summary>Counts how many of many keys are found in lane and generation 0.</summary>
    public static int CountFound(this VerdictTable table, ReadOnlySpan<byte> keys)
    {
        const int Batch = 1000;
        int count = 0;
        byte[] found = new byte[(Batch + 7) / 8];
        for (; !keys.IsEmpty; keys = keys[Math.Min(keys.Length, Batch * VerdictTable.KeySize)..])
        {
            table.Find(keys[..Math.Min(keys.Length, Batch * VerdictTable.KeySize)], AcceptedGenerations.Exactly(0, 0), 0, found, default, default);
            int bytes = (Math.Min(keys.Length / VerdictTable.KeySize, Batch) + 7) / 8;
            foreach (byte bits in found.AsSpan(0, bytes))
            {
                count += System.Numerics.BitOperations.PopCount(bits);
            }
        }

        return count;
    }

    /// <summary>Sweeps all buckets.</summary>
    public static long SweepAll(this VerdictTable table, ushort hour)
    {
        SweepPosition position = default;
        return table.Sweep(ref position, int.MaxValue, hour);
    }
}
