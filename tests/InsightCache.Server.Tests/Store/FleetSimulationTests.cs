using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

/// <summary>A thousand clones of one image that begin the same scan in the same second. Time is simulated: in each second a clone asks for a batch and scans a few contents.</summary>
public sealed class FleetSimulationTests(ITestOutputHelper output)
{
    private const int Clones = 1000;

    public static TheoryData<string, int, int, bool, bool, double, double> Fleets => new()
    {
        { "trusted scanners with leases", 10_000, 1, true, false, 1.0, 1.05 },
        { "two votes with leases", 2000, 2, true, false, 2.0, 2.1 },
        { "three votes with leases", 2000, 3, true, false, 3.0, 3.15 },
        { "trusted scanners with leases, a tenth of them killed", 10_000, 1, true, true, 1.0, 1.2 },
        { "two votes with leases, a tenth of them killed", 2000, 2, true, true, 2.0, 2.4 },
        { "trusted scanners without leases: what leases are for", 2000, 1, false, false, 2.0, Clones },
    };

    [Theory]
    [MemberData(nameof(Fleets))]
    public async Task Each_content_is_scanned_about_as_often_as_votes_are_needed(string because, int contents, int threshold, bool leases, bool kill, double least, double most)
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
        await using Fleet fleet = new Fleet(options => (options.Memory, options.VoteThreshold) = ("64MiB", threshold), time).With(1);
        Clone[] clones = [.. Enumerable.Range(0, Clones).Select(i => new Clone(threshold == 1 ? fleet.Trusted($"c{i}") : fleet.Client($"c{i}"), contents, leases))];
        HashSet<Clone> killed = [];
        for (int second = 0; clones.Any(clone => !clone.IsDone && !killed.Contains(clone)); second++)
        {
            Assert.True(second < 5000, $"{because}: after {second} seconds {clones.Count(static clone => !clone.IsDone)} clones are not through");
            foreach (Clone clone in clones)
            {
                if (!killed.Contains(clone))
                {
                    clone.Step(second);
                }
            }

            if (kill && second == 3)
            {
                killed = [.. clones.Where(static (_, i) => i % 10 == 0)];
            }

            time.Advance(TimeSpan.FromSeconds(1));
        }

        double scans = clones.Sum(static clone => (double)clone.Scans) / contents;
        output.WriteLine($"{because}: {scans:f3} scans a content, {clones.Max(static clone => clone.Asked)} contents asked for by one clone");
        Assert.True(scans >= least && scans <= most, $"{because}: {scans} scans a content");
        Assert.All(clones.Where(clone => !killed.Contains(clone)), clone => Assert.Equal(contents, clone.Scans + clone.Skips));
    }

    /// <summary>A clone that asks for 256 contents at once, scans 40 in a second, and comes back to those that others scan.</summary>
    private sealed class Clone(Machine machine, int contents, bool leases)
    {
        private const int Batch = 256;
        private const int PerSecond = 40;

        private readonly Queue<int> _toScan = new();
        private readonly PriorityQueue<int, int> _waiting = new();
        private int _next;

        public int Scans { get; private set; }

        public int Skips { get; private set; }

        public long Asked { get; private set; }

        public bool IsDone => Scans + Skips == contents;

        public void Step(int second)
        {
            // While there is something to scan, nothing more is asked for: a session's queues are bounded.
            for (int asked = 0; _toScan.Count < PerSecond && asked < 8 && Ask(second); asked++)
            {
                Asked += Batch;
            }

            int[] scanned = [.. Enumerable.Range(0, Math.Min(PerSecond, _toScan.Count)).Select(_ => _toScan.Dequeue())];
            if (scanned.Length > 0)
            {
                machine.Vote(scanned);
                Scans += scanned.Length;
            }
        }

        private bool Ask(int second)
        {
            List<int> batch = [];
            while (batch.Count < Batch && _waiting.TryPeek(out int content, out int due) && due <= second)
            {
                _waiting.Dequeue();
                batch.Add(content);
            }

            while (batch.Count < Batch && _next < contents)
            {
                batch.Add(_next++);
            }

            if (batch.Count == 0)
            {
                return false;
            }

            (LookupSummary summary, LookupAnswer[] answers) = machine.AskAll([.. batch], leases);
            for (int i = 0; i < batch.Count; i++)
            {
                switch (answers[i])
                {
                    case LookupAnswer.Clean:
                        Skips++;
                        break;
                    case LookupAnswer.Wait:
                        _waiting.Enqueue(batch[i], second + Math.Max(1, (summary.ComeBack + 999) / 1000));
                        break;
                    default:
                        _toScan.Enqueue(batch[i]);
                        break;
                }
            }

            return true;
        }
    }
}
