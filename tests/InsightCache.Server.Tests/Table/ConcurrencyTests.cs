namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>Readers beside writers. Bounded by operations: more processors only make it shorter.</summary>
public abstract class ConcurrencyTests(bool compact) : TableTests(compact)
{
    private const int Keys = 4096;

    [Fact]
    public void No_reader_ever_finds_what_was_never_added_however_many_write()
    {
        // Fewer slots than keys: entries are evicted, relocated and written over all the time.
        using VerdictTable table = Make(1 << 16);
        byte[] added = Tables.Keys(Keys, seed: 1);

        // Never added: each differs from an added key in its last byte only, so that a torn comparison would be likely to find it.
        byte[] never = [.. added];
        for (int i = 31; i < never.Length; i += 32)
        {
            never[i] ^= 0x80;
        }

        long falselyFound = 0;
        long found = 0;
        Thread[] writers = [.. Enumerable.Range(0, 3).Select(seed => new Thread(() => Write(table, added, seed, 150_000)))];
        Thread[] readers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            byte[] answer = new byte[Keys / 8];
            for (int round = 0; round < 60; round++)
            {
                table.Find(never, new AcceptedGenerations(0, 0, 1, 1), 0, answer, default, default);
                Interlocked.Add(ref falselyFound, answer.Count(static bits => bits != 0));

                // The right key in a lane or a generation in which nobody adds it.
                table.Find(added, new AcceptedGenerations(1, 0, 1, 1), 0, answer, default, default);
                Interlocked.Add(ref falselyFound, answer.Count(static bits => bits != 0));
                table.Find(added, new AcceptedGenerations(0, 2, 9, 9), 0, answer, default, default);
                Interlocked.Add(ref falselyFound, answer.Count(static bits => bits != 0));
                table.Find(added, new AcceptedGenerations(0, 0, 1, 1), 0, answer, default, default);
                Interlocked.Add(ref found, answer.Count(static bits => bits != 0));
            }
        }))];
        Thread[] all = [.. writers, .. readers];
        Array.ForEach(all, static thread => thread.Start());
        Array.ForEach(all, static thread => thread.Join());

        Assert.Equal(0, falselyFound);
        Assert.True(found > 0);
        Assert.Equal(table.Count, Images.EntriesOf(table).Count);
        Assert.Equal(table.Count, Images.EntriesOf(table).Distinct().Count());
        table.Clear();
        Assert.Equal(0, table.Count);
        Assert.All(Images.SpilledOf(table), static spilled => Assert.Equal(0, spilled));
    }

    [Fact]
    public void A_key_that_nobody_takes_out_is_found_at_every_look_although_its_neighbours_come_and_go()
    {
        using VerdictTable table = Make(1 << 18);
        byte[] stays = Tables.Keys(1000, seed: 1);
        byte[] comes = Tables.Keys(2000, seed: 2);
        for (int i = 0; i < 1000; i++)
        {
            table.Add(stays.AsSpan(i * 32, 32), 0, 0, Tables.Forever, 0);
        }

        Thread writer = new(() =>
        {
            for (int i = 0; i < 200_000; i++)
            {
                ReadOnlySpan<byte> key = comes.AsSpan(i % 2000 * 32, 32);
                if (!table.Remove(key, 0))
                {
                    table.Add(key, 0, 0, Tables.Forever, 0);
                }
            }
        });
        writer.Start();
        int least = int.MaxValue;
        int looks = 0;
        do
        {
            least = Math.Min(least, table.CountFound(stays));
            looks++;
        }
        while (writer.IsAlive);
        writer.Join();

        // A writer that loses its processor holds up to three buckets; readers do not wait for it, and miss what is in them.
        Assert.InRange(least, 1000 - (3 * table.Ways), 1000);
        Assert.Equal(1000, table.CountFound(stays));
        Assert.True(looks > 0);
    }

    [Fact]
    public void A_dead_generation_leaves_with_a_sweep_although_writers_move_its_entries()
    {
        using VerdictTable table = Make(1 << 16);
        byte[] keys = Tables.Keys(Keys, seed: 1);
        for (int round = 0; round < 20; round++)
        {
            table.SetAlive(0, 0, true);
            Thread[] writers = [.. Enumerable.Range(0, 2).Select(seed => new Thread(() => Write(table, keys, seed, 5000)))];
            Array.ForEach(writers, static thread => thread.Start());
            table.SetAlive(0, 0, false);
            table.SweepAll(0);

            Assert.DoesNotContain(Images.EntriesOf(table), static entry => entry is { Lane: 0, Generation: 0 });
            Array.ForEach(writers, static thread => thread.Join());
        }
    }

    /// <summary>Readers that come later look at no expiry.</summary>
    [Fact]
    public void What_expires_leaves_with_a_sweep_although_writers_bring_and_move_it_by_an_older_hour()
    {
        using VerdictTable table = Make(1 << 16);
        byte[] keys = Tables.Keys(Keys, seed: 1);
        for (ushort hour = 1; hour <= 20; hour++)
        {
            Thread[] writers = [.. Enumerable.Range(0, 2).Select(seed => new Thread(() =>
            {
                Random random = new((hour * 2) + seed);
                for (int i = 0; i < 5000; i++)
                {
                    table.Add(keys.AsSpan(random.Next(Keys) * 32, 32), 0, 0, (ushort)random.Next(hour, hour + 3), 0);
                }
            }))];
            Array.ForEach(writers, static thread => thread.Start());
            table.SweepAll(hour);

            Assert.DoesNotContain(Images.EntriesOf(table), entry => entry.Expiry <= hour);
            Array.ForEach(writers, static thread => thread.Join());
        }
    }

    private static void Write(VerdictTable table, byte[] keys, int seed, int operations)
    {
        Random random = new(seed);
        SweepPosition position = default;
        for (int i = 0; i < operations; i++)
        {
            ReadOnlySpan<byte> key = keys.AsSpan(random.Next(Keys) * 32, 32);
            switch (random.Next(20))
            {
                case 0:
                    table.Remove(key, 0);
                    break;
                case 1:
                    table.Sweep(ref position, 5, 0);
                    break;
                default:
                    table.Add(key, 0, (byte)random.Next(2), Tables.Forever, 0);
                    break;
            }
        }
    }
}

public sealed class FullKeysConcurrencyTests() : ConcurrencyTests(compact: false);

public sealed class CompactKeysConcurrencyTests() : ConcurrencyTests(compact: true);
