using BenchmarkDotNet.Attributes;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>Tagging this machine: capturing it, deciding, and both, next to one small file of the kernel read by itself.</summary>
[MemoryDiagnoser]
public class TaggingBenchmarks
{
    private readonly VirtualizationDetector _detector = new();
    private EvidenceSnapshot _snapshot = new();

    [GlobalSetup]
    public void Setup() => _snapshot = VirtualizationDetector.Capture();

    [Benchmark(Baseline = true)]
    public string Read_one_file() => File.ReadAllText("/proc/version");

    [Benchmark]
    public EvidenceSnapshot Capture() => VirtualizationDetector.Capture();

    [Benchmark]
    public VirtualizationTag Decide() => VirtualizationDetector.Decide(_snapshot);

    [Benchmark]
    public VirtualizationTag Detect() => _detector.Detect();
}
