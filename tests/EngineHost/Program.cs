using System.Diagnostics;
using System.Globalization;
using Symantec.Virtualization.Benchmarks;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

// The built-in engine alone in a process, for tests/Benchmarks/engines.sh:
//   EngineHost DEFINITIONS LIST ROUNDS THREADS [CACHE]
// Scans the files of a list ROUNDS times, THREADS at a time, and prints the seconds that loading took and those of the best round:
//   load's wall, load's CPU, wall, CPU, how many verdicts of each kind
string definitions = args[0];
string[] paths = File.ReadAllLines(args[1]);
int rounds = int.Parse(args[2], CultureInfo.InvariantCulture);
int threads = int.Parse(args[3], CultureInfo.InvariantCulture);
string? cache = args.Length > 4 ? args[4] : null;

Stopwatch load = Stopwatch.StartNew();
TimeSpan start = Environment.CpuUsage.TotalTime;
SignatureEngine engine = new(SignatureDatabase.Load(definitions, new SignatureLoadOptions { CacheFolder = cache }));
TimeSpan loadCpu = Environment.CpuUsage.TotalTime - start;
load.Stop();

TimeSpan bestWall = TimeSpan.MaxValue;
TimeSpan bestCpu = TimeSpan.MaxValue;
VerdictKind[] verdicts = new VerdictKind[paths.Length];
for (int round = 0; round < rounds; round++)
{
    long began = Stopwatch.GetTimestamp();
    TimeSpan before = Environment.CpuUsage.TotalTime;
    int next = -1;
    Thread[] running = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() => Scan(ref next)))];
    Array.ForEach(running, static thread => thread.Start());
    Array.ForEach(running, static thread => thread.Join());
    TimeSpan wall = Stopwatch.GetElapsedTime(began);
    TimeSpan cpu = Environment.CpuUsage.TotalTime - before;
    bestWall = wall < bestWall ? wall : bestWall;
    bestCpu = cpu < bestCpu ? cpu : bestCpu;
}

string kinds = string.Join(' ', verdicts.CountBy(static kind => kind).Select(static count => $"{count.Key}={count.Value}"));
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{load.Elapsed.TotalSeconds:0.0000} {loadCpu.TotalSeconds:0.0000} {bestWall.TotalSeconds:0.0000} {bestCpu.TotalSeconds:0.0000} {kinds}"));

void Scan(ref int next)
{
    for (int i; (i = Interlocked.Increment(ref next)) < paths.Length;)
    {
        using FileContent content = new(paths[i]);
        verdicts[i] = engine.Scan(content, hash: null, CancellationToken.None).Verdict.Kind;
    }
}
