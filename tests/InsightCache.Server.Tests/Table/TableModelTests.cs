using FsCheck;
using FsCheck.Xunit;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>The table against a dictionary that forgets nothing: what the table has is what the dictionary has, and what it lacks it counted as evicted.</summary>
public abstract class TableModelTests(bool compact) : TableTests(compact)
{
    private const int Keys = 400;

    [Property(MaxTest = 150)]
    public void A_table_is_a_dictionary_that_forgets_what_it_counts(DoNotSize<int> seed, bool small)
    {
        Random random = new(seed.Item);

        // Small: 105 or 168 slots, so that it evicts all the time. Large: it never does.
        using VerdictTable table = Make(small ? Environment.SystemPageSize : 1 << 17);
        Dictionary<(int Key, byte Lane), (byte Generation, ushort Expiry)> model = [];
        HashSet<(byte Lane, byte Generation)> alive = [.. Enumerable.Range(0, 256).SelectMany(static lane => new[] { ((byte)lane, (byte)0), ((byte)lane, (byte)1) })];
        string[] kept = [.. Enumerable.Range(0, Keys).Select(key => Images.KeptOf(table, Tables.Key(key)))];
        byte newest = 1;
        ushort hour = 0;
        ushort latest = 0;
        SweepPosition position = default;

        for (int step = 0; step < 3000; step++)
        {
            (int Key, byte Lane) id = (random.Next(Keys), (byte)random.Next(2));
            byte[] key = Tables.Key(id.Key);
            switch (random.Next(100))
            {
                case < 60:
                    byte generation = unchecked((byte)(newest - random.Next(3)));
                    ushort expiry = (ushort)(hour + random.Next(50));
                    AddResult result = table.Add(key, id.Lane, generation, expiry, hour);
                    bool isDead = !alive.Contains((id.Lane, generation)) || expiry <= Math.Max(hour, latest);
                    Assert.Equal(isDead, result == AddResult.Dead);
                    if (result is AddResult.Added or AddResult.Renewed)
                    {
                        model[id] = (generation, expiry);
                    }
                    else if (result == AddResult.Older)
                    {
                        Assert.True(unchecked((sbyte)(model[id].Generation - generation)) > 0);
                    }

                    break;
                case < 70:
                    Assert.True(!table.Remove(key, id.Lane) || model.ContainsKey(id));
                    model.Remove(id);
                    Assert.False(table.Has(key, new AcceptedGenerations(id.Lane, 0, 255, 0), hour));
                    break;
                case < 72:
                    byte lane = (byte)random.Next(2);
                    table.SetAlive(lane, newest, false);
                    alive.Remove((lane, newest));
                    break;
                case < 74:
                    newest++;
                    for (lane = 0; lane < 2; lane++)
                    {
                        table.SetAlive(lane, newest, true);
                        alive.Add((lane, newest));
                    }

                    break;
                case < 77:
                    hour++;
                    break;
                case < 78:
                    // A clock is set back, or a writer has looked at it long ago.
                    hour -= (ushort)Math.Min((int)hour, random.Next(20));
                    break;
                case < 79:
                    // Part of a pass, whose other parts may be of other hours.
                    latest = hour;
                    table.Sweep(ref position, random.Next(8), hour);
                    HashSet<(string, byte)> left = [.. Images.EntriesOf(table).Select(static entry => (entry.Key, entry.Lane))];
                    foreach ((int Key, byte Lane) dead in Dead().Where(entry => !left.Contains((kept[entry.Key], entry.Lane))))
                    {
                        model.Remove(dead);
                    }

                    break;
                case < 80:
                    latest = hour;
                    table.SweepAll(hour);
                    Dead().ForEach(dead => model.Remove(dead));

                    Assert.True(small ? table.Count <= model.Count : table.Count == model.Count);
                    break;
                default:
                    // Any range of generations, wrapped or not.
                    AcceptedGenerations accepted = new(id.Lane, unchecked((byte)(newest - random.Next(3))), newest, newest);
                    bool expected = model.TryGetValue(id, out (byte Generation, ushort Expiry) entry) && entry.Expiry > hour && accepted.Accepts(entry.Generation);
                    bool found = table.Has(key, accepted, hour);
                    Assert.True(small ? !found || expected : found == expected);
                    break;
            }
        }

        Assert.Equal(small, table.Counters[TableEvent.EvictedForCapacity] > 0);
        Assert.Equal(table.Count, Images.EntriesOf(table).Count);
        table.Clear();
        Assert.Equal(0, table.Count);
        Assert.Empty(Images.EntriesOf(table));
        Assert.All(Images.SpilledOf(table), static spilled => Assert.Equal(0, spilled));

        List<(int Key, byte Lane)> Dead() => [.. model.Where(entry => entry.Value.Expiry <= hour || !alive.Contains((entry.Key.Lane, entry.Value.Generation))).Select(static entry => entry.Key)];
    }

    [Property(MaxTest = 500)]
    public void The_order_of_ways_is_the_order_of_their_use(byte[] uses)
    {
        List<int> model = [.. Enumerable.Range(0, 15)];
        ulong order = 0;
        foreach (int way in uses.Select(static use => use % 15))
        {
            order = FifoOrder.ToFront(order, way);
            model.Remove(way);
            model.Insert(0, way);
            Assert.True(FifoOrder.IsValid(order));
        }

        Assert.Equal(model[14], FifoOrder.Oldest(order, 0x7FFF));
        Assert.Equal(model.Last(static way => way % 2 == 0), FifoOrder.Oldest(order, 0x5555));
    }

    [Fact]
    public void Zeroed_memory_is_an_order_and_a_list_that_holds_a_way_twice_is_not()
    {
        Assert.True(FifoOrder.IsValid(0));
        Assert.False(FifoOrder.IsValid(1));
        Assert.False(FifoOrder.IsValid(ulong.MaxValue));
    }
}

public sealed class FullKeysModelTests() : TableModelTests(compact: false);

public sealed class CompactKeysModelTests() : TableModelTests(compact: true);
