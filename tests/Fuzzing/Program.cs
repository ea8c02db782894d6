using System.CommandLine;
using System.Diagnostics;
using Symantec.Virtualization.DiskImages.Tests.FileSystems;
using Symantec.Virtualization.Scanning.Signatures.Tests.Matching;

// Runs the damage that the property tests sample for as long as wanted, and prints the seed of whatever goes wrong:
//   dotnet run -c Release --project tests/Fuzzing -- --minutes 10
//   dotnet run -c Release --project tests/Fuzzing -- --target ntfs --seed 12345
Dictionary<string, Action<int>> targets = new()
{
    ["ntfs"] = static seed => DamagedVolume.Read("ntfs", seed),
    ["fat12"] = static seed => DamagedVolume.Read("fat12", seed),
    ["fat16"] = static seed => DamagedVolume.Read("fat16", seed),
    ["fat32"] = static seed => DamagedVolume.Read("fat32", seed),
    ["ntfs-cut"] = static seed => DamagedVolume.Cut("ntfs", new Random(seed).Next(6 << 20)),
    ["fat16-cut"] = static seed => DamagedVolume.Cut("fat16", new Random(seed).Next(9000 * 512)),
    ["signatures"] = DamagedSignatures.Scan,
};

Option<double> minutes = new("--minutes") { Description = "How long to go on, for all targets together.", DefaultValueFactory = static _ => 1 };
Option<string?> only = new("--target") { Description = "Only this target." };
only.AcceptOnlyFromAmong([.. targets.Keys]);
Option<int?> seed = new("--seed") { Description = "Only this seed, to look into what it does." };
Option<int> patience = new("--patience") { Description = "Seconds after which a case counts as a hang.", DefaultValueFactory = static _ => 10 };
RootCommand command = new("Damages valid images and signatures at random, and reads or scans with what is left of them.") { minutes, only, seed, patience };
command.SetAction(arguments => Run(
    [.. targets.Where(target => arguments.GetValue(only) is not { } name || target.Key == name)],
    arguments.GetValue(seed),
    TimeSpan.FromMinutes(arguments.GetValue(minutes)),
    TimeSpan.FromSeconds(arguments.GetValue(patience))));
return command.Parse(args).Invoke();

static int Run(KeyValuePair<string, Action<int>>[] targets, int? only, TimeSpan time, TimeSpan patience)
{
    int failures = 0;
    foreach ((string name, Action<int> target) in targets)
    {
        Stopwatch clock = Stopwatch.StartNew();
        int cases = 0;
        long slowest = 0;
        int start = Random.Shared.Next();
        do
        {
            int seed = only ?? unchecked(start + cases);
            Stopwatch one = Stopwatch.StartNew();
            using (new Timer(_ => Hang(name, seed), null, patience, Timeout.InfiniteTimeSpan))
            {
                failures += Try(name, seed, target) ? 0 : 1;
            }

            slowest = Math.Max(slowest, one.ElapsedMilliseconds);
            cases++;
        }
        while (only is null && clock.Elapsed < time / targets.Length);

        Console.WriteLine($"{name}: {cases:N0} cases, the slowest took {slowest} ms");
    }

    return failures == 0 ? 0 : 1;
}

static bool Try(string name, int seed, Action<int> target)
{
    try
    {
        target(seed);
        return true;
    }
    catch (Exception e)
    {
        Console.WriteLine($"{name} --seed {seed}: {e}");
        return false;
    }
}

static void Hang(string name, int seed)
{
    Console.WriteLine($"{name} --seed {seed}: still running");
    if (!Debugger.IsAttached)
    {
        Environment.Exit(2);
    }
}
