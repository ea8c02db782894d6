using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.DiskImages.Containers.Vmdk;
using Symantec.Virtualization.DiskImages.Tests.Containers;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>Reading 64 MiB out of a VMDK in memory, next to the least that it can cost: a copy, or the inflation alone.</summary>
[MemoryDiagnoser]
public class VmdkBenchmarks
{
    private const int Size = 64 << 20;
    private const int Grain = 64 << 10;

    private readonly byte[] _buffer = new byte[1 << 20];
    private byte[] _disk = [];
    private byte[][] _grains = [];
    private SparseExtent? _sparse;
    private SparseExtent? _compressed;

    [GlobalSetup]
    public void Setup()
    {
        _disk = new byte[Size];
        new Random(1).NextBytes(_disk);
        for (int at = 0; at < Size; at += 2)
        {
            _disk[at] = 0x20;
        }

        _sparse = Open(new VmdkWriter { GrainSectors = 128, OrderSeed = 1 }.Write(_disk));
        _compressed = Open(new VmdkWriter { GrainSectors = 128, Compress = true }.Write(_disk));
        _grains = [.. Enumerable.Range(0, Size / Grain).Select(i => Deflate(_disk.AsSpan(i * Grain, Grain)))];
    }

    [Benchmark(Baseline = true)]
    public void Copy_from_memory()
    {
        for (int at = 0; at < Size; at += _buffer.Length)
        {
            _disk.AsSpan(at, _buffer.Length).CopyTo(_buffer);
        }
    }

    [Benchmark]
    public void Sparse_by_1_MiB() => Read(_sparse!, 1 << 20);

    [Benchmark]
    public void Sparse_by_4_KiB() => Read(_sparse!, 4096);

    [Benchmark]
    public void Inflate_each_grain_once()
    {
        foreach (byte[] grain in _grains)
        {
            using ZLibStream zlib = new(new MemoryStream(grain), CompressionMode.Decompress);
            zlib.ReadExactly(_buffer, 0, Grain);
        }
    }

    [Benchmark]
    public void Compressed_by_1_MiB() => Read(_compressed!, 1 << 20);

    [Benchmark]
    public void Compressed_by_4_KiB() => Read(_compressed!, 4096);

    private void Read(SparseExtent extent, int step)
    {
        for (long at = 0; at < Size; at += step)
        {
            extent.Read(at, _buffer.AsSpan(0, step));
        }
    }

    private static SparseExtent Open(byte[] image)
        => new(new MemorySource(image), SparseHeader.Parse(image.AsSpan(0, SparseHeader.Size), 0), new ExtentCaches(new DiskImageOptions().CacheBytes));

    private static byte[] Deflate(ReadOnlySpan<byte> grain)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest))
        {
            zlib.Write(grain);
        }

        return packed.ToArray();
    }
}
