using System.IO.Compression;
using Symantec.Virtualization.Integration.CommandLine;
using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>Images that were valid, cut off at any point or changed in any byte: a fault, a report, or a safe result, and nothing worse.</summary>
public sealed class DamagedImageTests(DamagedImageTests.Images images) : IClassFixture<DamagedImageTests.Images>
{
    /// <summary>How many cases each test runs; the fuzzer goes on from there.</summary>
    private const int Cases = 60;

    public static TheoryData<string> Formats => ["monolithicSparse", "twoGbMaxExtentSparse", "streamOptimized"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task An_image_that_was_cut_off_is_never_called_clean(string format)
    {
        Peer.Require("qemu-img");
        (string image, byte[] whole) = images.Get(format);
        HashSet<string> pristine = [.. (await ScanAsync(image)).Results.Select(Fact)];
        Random random = new(1);
        for (int i = 0; i < Cases; i++)
        {
            int length = random.Next(whole.Length);
            Report report = await ScanChangedAsync(format, whole[..length]);

            // What was cut may be padding; then all is still there.
            Assert.True(!report.Summary!.IsComplete || pristine.SetEquals(report.Results.Select(Fact)), $"cut to {length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task An_image_that_was_changed_is_scanned_or_reported(string format)
    {
        Peer.Require("qemu-img");
        (string image, byte[] whole) = images.Get(format);
        List<ScanResult> pristine = (await ScanAsync(image)).Results;
        Assert.NotEmpty(pristine);
        Random random = new(2);
        for (int i = 0; i < Cases; i++)
        {
            byte[] changed = [.. whole];
            for (int changes = random.Next(1, 30); changes > 0; changes--)
            {
                // Half of the changes hit the first 256 KiB, where containers keep their tables.
                changed[random.Next(2) == 0 ? random.Next(256 << 10) : random.Next(changed.Length)] = (byte)random.Next(256);
            }

            Report report = await ScanChangedAsync(format, changed);

            Assert.Equal(report.Summary!.IsComplete, report.Problems == 0 && report.Results.All(static result => result.Verdict is { IsComplete: true }));
            HashSet<string> paths = [.. report.Results.Select(PathOf)];
            HashSet<string> contents = [.. report.Results.Select(ContentOf)];

            // A byte of a file's data or of its size changes its content, a byte of its name changes its path; no guest could tell either. Nothing
            // else may come of a change in silence, but for the one bit or byte that marks a file as deleted, which these seeds do not hit.
            Assert.True(
                !report.Summary.IsComplete || pristine.TrueForAll(result => paths.Contains(PathOf(result)) || contents.Contains(ContentOf(result))),
                $"case {i}: gone without a word: {string.Join(", ", pristine.Where(result => !paths.Contains(PathOf(result)) && !contents.Contains(ContentOf(result))).Select(Fact))}");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_program_says_what_is_wrong_with_an_exit_code_of_2_and_little_memory(string format)
    {
        Peer.Require("qemu-img", "time");
        (_, byte[] whole) = images.Get(format);
        using TemporaryFolder folder = new();
        string image = images.Place(folder, format, whole[..(whole.Length / 2)]);

        (ProgramRun outcome, long peak) = OfflineScanProgram.RunMeasured(image, "--hash");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Matches("ERROR|could not be scanned", outcome.Output);
        Assert.InRange(peak, 20 << 20, 200 << 20);
    }

    private static string Fact(ScanResult result) => $"{PathOf(result)} {ContentOf(result)}";

    private static string PathOf(ScanResult result) => result.Location[(result.Location.IndexOf('!', StringComparison.Ordinal) + 1)..];

    private static string ContentOf(ScanResult result) => $"{result.Length} {result.Hash}";

    private static async Task<Report> ScanAsync(string image)
    {
        Report report = new();
        ScanSessionOptions session = new() { HashContents = true, Reports = { report }, Policy = new ScanPolicy { Limits = new ScanLimits(1 << 30) } };
        await new OfflineScanner(new SignatureEngine(SignatureDatabase.Embedded)).ScanAsync([image], session, TestContext.Current.CancellationToken);
        return report;
    }

    private async Task<Report> ScanChangedAsync(string format, byte[] bytes)
    {
        using TemporaryFolder folder = new();
        return await ScanAsync(images.Place(folder, format, bytes));
    }

    private sealed class Report : IScanReport
    {
        public List<ScanResult> Results { get; } = [];

        public int Problems { get; private set; }

        public ScanSummary? Summary { get; private set; }

        public void Start(ScanRun run)
        {
        }

        public void Add(ScanResult result) => Results.Add(result);

        public void Add(ScanProblem problem) => Problems++;

        public void Finish(ScanSummary summary) => Summary = summary;
    }

    /// <summary>The sample disk of OfflineScan in each kind of container.</summary>
    public sealed class Images : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public void Dispose() => _folder.Dispose();

        /// <summary>Makes the disk in a container: the path to open, and the bytes of the file that holds its data.</summary>
        public (string Image, byte[] Bytes) Get(string format)
        {
            string image = _folder[$"{format}.vmdk"];
            if (!File.Exists(image))
            {
                using Stream packed = System.Reflection.Assembly.Load("OfflineScan").GetManifestResourceStream("sample.vmdk.gz")!;
                using (GZipStream unpacked = new(packed, CompressionMode.Decompress))
                using (FileStream file = File.Create(_folder["sample.vmdk"]))
                {
                    unpacked.CopyTo(file);
                }

                Peer.Run("qemu-img", "convert", "-O", "vmdk", "-o", $"subformat={format}", _folder["sample.vmdk"], image);
            }

            return (image, File.ReadAllBytes(DataFile(image, format)));
        }

        /// <summary>Puts a changed disk into a folder.</summary>
        public string Place(TemporaryFolder folder, string format, byte[] bytes)
        {
            string image = folder[$"{format}.vmdk"];
            File.Copy(_folder[$"{format}.vmdk"], image);
            File.WriteAllBytes(DataFile(image, format), bytes);
            return image;
        }

        private static string DataFile(string image, string format)
            => format.StartsWith("twoGb", StringComparison.Ordinal) ? image.Replace(".vmdk", "-s001.vmdk", StringComparison.Ordinal) : image;
    }
}
