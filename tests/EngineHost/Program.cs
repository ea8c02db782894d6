using System.Diagnostics;
using System.Globalization;
using Symantec.Virtualization.Benchmarks;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

// The built-in engine alone in a process, for tests/Benchmarks/engines.sh:
//   EngineHost DEFINITIONS LIST WARM-UPS ROUNDS THREADS [CACHE]
// Scans the files of a list WARM-UPS times for the runtime to compile what is used, then ROUNDS times, THREADS at a time, and prints the seconds that loading took and
// those of the best round:
//   load's wall, load's CPU, wall, CPU, how many verdicts of each kind
// What nothing can be faster than takes the place of the definitions by name: "reading" opens and reads the files and does nothing else, and "computing" computes one step
// after the other for as many bytes as they have, which tells what the machine lets two threads be worth.
string definitions = args[0];
string[] paths = File.ReadAllLines(args[1]);
int warmUps = int.Parse(args[2], CultureInfo.InvariantCulture);
int rounds = int.Parse(args[3], CultureInfo.InvariantCulture);
int threads = int.Parse(args[4], CultureInfo.InvariantCulture);
string? cache = args.Length > 5 ? args[5] : null;

Stopwatch load = Stopwatch.StartNew();
TimeSpan start = Environment.CpuUsage.TotalTime;
Func<FileContent, VerdictKind> scan = definitions switch
{
    "reading" => Read,
    "computing" => Compute,
    _ => Load(),
};
TimeSpan loadCpu = Environment.CpuUsage.TotalTime - start;
load.Stop();

TimeSpan bestWall = TimeSpan.MaxValue;
TimeSpan bestCpu = TimeSpan.MaxValue;
VerdictKind[] verdicts = new VerdictKind[paths.Length];
for (int round = -warmUps; round < rounds; round++)
{
    long began = Stopwatch.GetTimestamp();
    TimeSpan before = Environment.CpuUsage.TotalTime;
    int next = -1;
    Thread[] running = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() => Scan(ref next)))];
    Array.ForEach(running, static thread => thread.Start());
    Array.ForEach(running, static thread => thread.Join());
    TimeSpan wall = Stopwatch.GetElapsedTime(began);
    TimeSpan cpu = Environment.CpuUsage.TotalTime - before;
    if (round >= 0)
    {
        bestWall = wall < bestWall ? wall : bestWall;
        bestCpu = cpu < bestCpu ? cpu : bestCpu;
    }
}

string kinds = string.Join(' ', verdicts.CountBy(static kind => kind).Select(static count => $"{count.Key}={count.Value}"));
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{load.Elapsed.TotalSeconds:0.0000} {loadCpu.TotalSeconds:0.0000} {bestWall.TotalSeconds:0.0000} {bestCpu.TotalSeconds:0.0000} {kinds}"));

Func<FileContent, VerdictKind> Load()
{
    SignatureEngine engine = new(SignatureDatabase.Load(definitions, new SignatureLoadOptions { CacheFolder = cache }));
    return content => engine.Scan(content, hash: null, CancellationToken.None).Verdict.Kind;
}

void Scan(ref int next)
{
    for (int i; (i = Interlocked.Increment(ref next)) < paths.Length;)
    {
        using FileContent content = new(paths[i]);
        verdicts[i] = scan(content);
    }
}

static VerdictKind Read(FileContent content)
{
    ContentPass.Run(content, onBytes: null, HoleHandling.Skip, CancellationToken.None);
    return VerdictKind.Clean;
}

static VerdictKind Compute(FileContent content)
{
    uint state = 1;
    for (long i = 0; i < content.Length; i++)
    {
        state = unchecked((state ^ (uint)i) * 0x01000193);
    }

    return state == 0 ? VerdictKind.Incomplete : VerdictKind.Clean;
}
