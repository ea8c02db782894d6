using System.Globalization;
using BenchmarkDotNet.Attributes;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>What a small content costs when a quarter of a million hash signatures are loaded.</summary>
[MemoryDiagnoser]
public class SignatureBenchmarks
{
    private const int Signatures = 250_000;

    private readonly byte[] _sizeMatches = new byte[1000];
    private readonly byte[] _noSizeMatches = new byte[1001];
    private string _file = "";
    private SignatureEngine? _engine;

    [GlobalSetup]
    public void Setup()
    {
        _file = Path.GetTempFileName() + ".hdb";
        Random random = new(1);
        byte[] hash = new byte[16];
        using (StreamWriter writer = new(_file))
        {
            for (int i = 0; i < Signatures; i++)
            {
                random.NextBytes(hash);
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(hash)}:{(i == 0 ? 0 : random.Next(500_000) * 2) + 1000}:Test.Signature-{i}"));
            }
        }

        _engine = new SignatureEngine(SignatureDatabase.Load(_file));
    }

    [GlobalCleanup]
    public void Cleanup() => File.Delete(_file);

    [Benchmark(Description = "1,000 bytes, no signature has the size")]
    public EngineVerdict Read() => Scan(_noSizeMatches);

    [Benchmark(Description = "1,000 bytes, hashed and looked up")]
    public EngineVerdict Hash() => Scan(_sizeMatches);

    [Benchmark(Description = "load 250,000 signatures")]
    public SignatureDatabase Load() => SignatureDatabase.Load(_file);

    private EngineVerdict Scan(byte[] bytes)
    {
        using MemoryContent content = new("content", bytes);
        return _engine!.Scan(content, null, CancellationToken.None);
    }
}
