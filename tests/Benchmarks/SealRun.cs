using System.Diagnostics;
using System.Globalization;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>What sealed files cost a scan, for <c>image-seal.sh</c>.</summary>
internal static class SealRun
{
    /// <summary>Seals a folder without an engine, and prints the catalogue's size for each file besides the paths.</summary>
    public static async Task SealAsync(string folder, string sealPath)
    {
        using SealKey key = SealKey.Create();
        await File.WriteAllTextAsync($"{sealPath}.pem", key.PublicKey.ToPem());
        SealOutcome outcome = await new ImageSealer(new ImageSealerOptions { Root = folder, SealPath = sealPath, Key = key }).SealAsync();
        using Seal seal = Open(sealPath);
        long paths = seal.Entries().Sum(static entry => System.Text.Encoding.UTF8.GetByteCount(entry.Path));
        Print("sealed", outcome.Sealed);
        Print("bytes_a_file", (new FileInfo(sealPath).Length - paths) / (double)outcome.Sealed);
    }

    /// <summary>Makes a seal of many files that are not there.</summary>
    public static void Invent(string sealPath, int count)
    {
        using SealKey key = SealKey.Create();
        File.WriteAllText($"{sealPath}.pem", key.PublicKey.ToPem());
        DefinitionSet definitions = new() { Engine = "none", Version = "1", Digest = ContentHash.Compute([]) };
        SealBuilder builder = new("/image");
        builder.Start(new ScanRun(["/image"], ScanTrigger.Manual, new VerdictScope("none", ScanProfile.None, definitions), DateTimeOffset.UtcNow));
        for (int i = 0; i < count; i++)
        {
            FileIdentity identity = Invented(i);
            builder.Add(new ScanResult
            {
                Location = $"/image/usr/share/package-{i % 1000}/file-{i}.dat",
                Length = i,
                StoredLength = i,
                Hash = ContentHash.Compute(BitConverter.GetBytes(i)),
                Identity = identity,
                OwnerIdentity = identity,
                Disposition = Disposition.Scanned,
                By = "none",
                Verdict = Verdict.Clean,
            });
        }

        builder.Write(sealPath, key);
    }

    /// <summary>Opens a seal and looks files up in it: the time to open it, and what a lookup takes and allocates.</summary>
    public static void LookUp(string sealPath, int count)
    {
        FileIdentity[] identities = [.. Enumerable.Range(0, Math.Min(count, 100_000)).Select(i => Invented((int)((i * 7919L) % count)))];
        long start = Stopwatch.GetTimestamp();
        using SealedImage image = new(Open(sealPath), Trust(sealPath));
        Print("open_seconds", Stopwatch.GetElapsedTime(start).TotalSeconds);
        int unchanged = 0;
        for (int round = 0; round < 20; round++)
        {
            start = Stopwatch.GetTimestamp();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            unchanged = 0;
            foreach (FileIdentity identity in identities)
            {
                unchanged += image.Decide(identity) == SealDecision.Unchanged ? 1 : 0;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (round == 19)
            {
                Print("lookup_ns", Stopwatch.GetElapsedTime(start).TotalNanoseconds / identities.Length);
                Print("bytes_a_lookup", allocated / (double)identities.Length);
            }
        }

        Print("found", unchanged / (double)identities.Length);
    }

    /// <summary>Opens the seal, lists a folder and decides about each file, without a session; several times, as an agent does that goes on running.</summary>
    public static void Decide(string folder, string sealPath, int passes)
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int pass = 0; pass < passes; pass++)
        {
            long start = Stopwatch.GetTimestamp();
            using SealedImage image = new(Open(sealPath), Trust(sealPath));
            int exempt = 0;
            int files = 0;
            foreach (LiveFile file in Source(folder, sealPath).EnumerateFiles(static problem => throw new IOException(problem.Message), CancellationToken.None))
            {
                files++;
                exempt += image.Decide(file.Identity!) == SealDecision.Unchanged ? 1 : 0;
                file.Dispose();
            }

            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
            Print("exempt", exempt / (double)files);
        }

        Print("seconds", best.TotalSeconds);
    }

    /// <summary>Scans a folder in which every file is exempt.</summary>
    public static async Task ScanAsync(string folder, string sealPath)
    {
        using SealedImage image = new(Open(sealPath), Trust(sealPath));
        ScanSessionOptions session = new() { Policy = new ScanPolicy { VirtualImages = new VirtualImagesPolicy { OnDemand = true } } };
        foreach (IScanExemption exemption in ImageExemption.For([image]))
        {
            session.Exemptions.Add(exemption);
        }

        ScanSummary summary = await new ScanSession(new NoEngine(), session).RunAsync(Source(folder, sealPath));
        Print("exempt", summary.Skipped / (double)summary.Contents);
    }

    /// <summary>Hashes every file of a folder, on all processors.</summary>
    public static async Task HashAsync(string folder, string sealPath)
    {
        long start = Stopwatch.GetTimestamp();
        ScanSummary summary = await new ScanSession(new NoEngine(), new ScanSessionOptions { HashContents = true }).RunAsync(Source(folder, sealPath));
        Print("seconds", Stopwatch.GetElapsedTime(start).TotalSeconds);
        Print("hashed", summary.Contents);
    }

    private static LiveFileSource Source(string folder, string sealPath) => new(folder, new LiveFileOptions { Excluded = { sealPath } });

    private static Seal Open(string path) => Seal.Open(path, Trust(path));

    private static SealTrust Trust(string path) => SealTrust.In(SealPublicKey.FromPem(File.ReadAllText($"{path}.pem")));

    private static FileIdentity Invented(int i) => new()
    {
        Volume = "ext4:0123456789abcdef",
        FileId = (UInt128)(i + 12),
        Size = i,
        Created = DateTime.UnixEpoch.AddTicks(i),
        Modified = DateTime.UnixEpoch.AddTicks(i),
        Changed = DateTime.UnixEpoch.AddTicks(i),
        IsChangedGuarded = true,
    };

    private static void Print(string name, double value) => Console.WriteLine($"{name} {value.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>An engine that must not matter.</summary>
    private sealed class NoEngine : IScanEngine
    {
        public string Name => "none";

        public DefinitionSet Definitions { get; } = new() { Engine = "none", Version = "1", Digest = ContentHash.Compute([]) };

        public ScanProfile Profile => ScanProfile.None;

        public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken) => new(Verdict.Clean, Definitions);
    }
}
