namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>Scans of a fleet, as questions to a cache: clones of four systems with applications of their own and files that nobody shares. Also a benchmark's.</summary>
internal static class FleetScans
{
    /// <summary>How many contents more than one client has: 4 systems of 1,000 files and 1,000 applications of 3.</summary>
    public const int Shared = 7000;

    /// <summary>Two rounds of scans, 50 clients of 300 at a time; the hits of the second round.</summary>
    public static double HitPercentage(IContentCache cache)
    {
        const int Clients = 300;
        const int Together = 50;
        long hits = 0;
        long asked = 0;
        for (int round = 0; round < 2; round++)
        {
            for (int first = 0; first < Clients; first += Together)
            {
                List<int>[] scans = [.. Enumerable.Range(first, Together).Select(client => FilesOf(client, round))];
                for (int at = 0; at < scans.Max(static scan => scan.Count); at++)
                {
                    foreach (List<int> scan in scans.Where(scan => at < scan.Count))
                    {
                        bool hit = cache.Ask(scan[at]);
                        hits += hit ? round : 0;
                        asked += round;
                    }
                }
            }
        }

        return 100.0 * hits / asked;
    }

    /// <summary>A client's system, 23 applications by their popularity (Zipf, 0.9), and a quarter of its own, of which 15 % change between the rounds.</summary>
    private static List<int> FilesOf(int client, int round)
    {
        Random random = new(client);
        List<int> files = [.. Enumerable.Range(random.Next(4) * 1000, 1000)];
        for (int i = 0; i < 23; i++)
        {
            int app = (int)Math.Pow(random.NextDouble() * Math.Pow(1000, 0.1), 10) % 1000;
            files.AddRange(Enumerable.Range(4000 + (app * 3), 3));
        }

        int own = 10_000 + (client * 1000);
        files.AddRange(Enumerable.Range(0, 356).Select(i => own + (i < 53 ? i + (round * 400) : i)));
        int[] order = [.. files.Distinct()];
        new Random(client + (round * 1000)).Shuffle(order);
        return [.. order];
    }
}
