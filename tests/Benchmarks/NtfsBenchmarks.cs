using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;
using Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>The parts of NTFS that every file, or every compressed byte, goes through.</summary>
[MemoryDiagnoser]
public class NtfsBenchmarks
{
    private readonly byte[] _unit = new byte[64 << 10];
    private byte[] _packed = [];
    private FileSystem? _volume;

    [GlobalSetup]
    public void Setup()
    {
        using GZipStream image = new(typeof(NtfsBenchmarks).Assembly.GetManifestResourceStream("ntfs.raw.gz")!, CompressionMode.Decompress);
        using MemoryStream bytes = new();
        image.CopyTo(bytes);
        _volume = new NtfsFormat().Open(new MemorySource(bytes.ToArray()));
        for (int at = 0; at < _unit.Length; at++)
        {
            _unit[at] = (byte)"the quick brown fox jumps over the lazy dog "[(at % 1000) * (at % 77) % 44];
        }

        _packed = Lznt1Writer.Compress(_unit);
    }

    [Benchmark(Description = "list a volume of 70 files")]
    public int List() => _volume!.EnumerateEntries(static _ => { }).Count();

    [Benchmark(Description = "LZNT1, 64 KiB")]
    public void Decompress() => Lznt1.Decompress(_packed, 0, _unit);
}
