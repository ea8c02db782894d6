using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.OfflineImageScanner.Tests;

public sealed class OfflineScannerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryReport _report = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ntfs")]
    [InlineData("fat12")]
    [InlineData("fat16")]
    [InlineData("fat32")]
    public async Task Every_file_and_stream_of_an_image_is_scanned_once(string name)
    {
        string image = Write("disk.raw", ImageFile.Load(name));

        ScanSummary summary = await ScanAsync([image], hash: true);

        Assert.True(summary.IsComplete);
        Assert.Equal(
            ImageFile.Contents(name).Select(content => ($"{image}!/p0/{content.Key}", content.Value)).Order(),
            _report.Results
                .SelectMany(result => result.OtherLocations.Prepend(result.Location).Select(location => (location, result.Hash!.Value.ToString())))
                .Order());
    }

    [Fact]
    public async Task A_file_with_several_names_is_one_result_with_one_identity()
    {
        await ScanAsync([Write("disk.raw", ImageFile.Load("ntfs"))]);

        ScanResult file = Assert.Single(_report.Results, result => result.Length == 300);
        Assert.Equal(2, file.OtherLocations.Count);
        Assert.Equal((300, 16), (file.Identity!.Size, file.Identity.Volume.Length));
        Assert.NotEqual(default, file.Identity.FileId);
        Assert.Equal(DateTimeKind.Utc, file.Identity.Modified!.Value.Kind);
    }

    [Theory]
    [InlineData("plain/nested/deeper/noise.bin")]
    [InlineData("streams/host.txt:large")]
    [InlineData("streams/folder:on-a-folder")]
    [InlineData("packed/text.txt")]
    [InlineData("pieces/comb.bin")]
    public async Task A_threat_is_found_wherever_it_is(string path)
    {
        Dictionary<string, string> contents = ImageFile.Contents("ntfs");
        File.WriteAllText(_folder["test.hsb"], $"{contents[path]}:*:Test.Threat:73\n");
        IScanEngine engine = new SignatureEngine(SignatureDatabase.Load(_folder["test.hsb"], cancellationToken: TestContext.Current.CancellationToken));
        string image = Write("disk.raw", ImageFile.Load("ntfs"));

        await ScanAsync([image], engine: engine);

        Assert.Equal(
            contents.Where(content => content.Value == contents[path]).Select(content => $"{image}!/p0/{content.Key}").Order(),
            _report.Results.Where(result => result.Verdict == Verdict.Infected("Test.Threat")).Select(result => result.Location).Order());
    }

    [Fact]
    public async Task An_image_that_was_cut_off_is_never_clean()
    {
        byte[] whole = ImageFile.Load("ntfs");

        ScanSummary summary = await ScanAsync([Write("disk.raw", whole[..(whole.Length / 8)])]);

        Assert.False(summary.IsComplete);
        Assert.NotEqual(0, summary.Failed + summary.Problems);
    }

    [Theory]
    [InlineData("nothing.raw", "Could not find file")]
    [InlineData("random.raw", "no file system")]
    [InlineData("disk.vhdx", "VHDX")]
    public async Task An_image_that_cannot_be_read_is_a_problem_and_the_next_one_is_scanned(string name, string words)
    {
        byte[] random = new byte[1 << 20];
        new Random(5).NextBytes(random);
        Write("random.raw", random);
        Write("disk.vhdx", [.. "vhdxfile"u8, .. new byte[4096]]);

        ScanSummary summary = await ScanAsync([_folder[name], Write("good.raw", ImageFile.Load("fat12"))]);

        ScanProblem problem = Assert.Single(_report.Problems);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith(_folder[name], problem.Location, StringComparison.Ordinal);
        Assert.NotEqual(0, summary.Contents);
    }

    [Fact]
    public async Task An_encrypted_file_is_incomplete_with_the_reason()
    {
        byte[] volume = ImageFile.Load("ntfs");
        Encrypt(volume, "plain/nested/deeper/noise.bin");

        ScanSummary summary = await ScanAsync([Write("disk.raw", volume)]);

        Assert.Equal(1, summary.Incomplete);
        ScanResult secret = Assert.Single(_report.Results, result => result.IsNotable);
        Assert.EndsWith("deeper/noise.bin", secret.Location, StringComparison.Ordinal);
        Assert.Contains("EFS", secret.Verdict!.Value.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_damaged_and_seems_empty_is_not_clean()
    {
        byte[] volume = ImageFile.Load("ntfs");
        ChangeData(volume, "plain/resident.txt", attribute => (volume[attribute + 0x10], volume[attribute + 0x11]) = (0xFF, 0xFF));

        ScanSummary summary = await ScanAsync([Write("disk.raw", volume)]);

        Assert.False(summary.IsComplete);
        ScanResult damaged = Assert.Single(_report.Results, result => result.IsNotable);
        Assert.Equal(("plain/resident.txt", 0L), (damaged.Location[^"plain/resident.txt".Length..], damaged.Length));
        Assert.Contains("Attribute.ValueLength at 0x", damaged.Verdict!.Value.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_written_to_while_it_is_scanned_is_reported()
    {
        string image = Write("disk.raw", ImageFile.Load("ntfs"));
        OfflineScannerOptions options = new()
        {
            ImageOpened = _ =>
            {
                using FileStream running = new(image, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                running.WriteByte(0);
            },
        };

        await ScanAsync([image], options: options);

        Assert.Contains("written to while it was scanned", Assert.Single(_report.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_written_to_after_the_last_file_was_listed_is_reported_too()
    {
        string image = Write("disk.raw", ImageFile.Load("fat12"));
        int listed = ImageFile.Contents("fat12").Count;
        int scanned = 0;
        IScanEngine engine = new ActingEngine(() =>
        {
            if (++scanned == listed)
            {
                using FileStream running = new(image, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                running.WriteByte(0);
            }
        });
        ScanSessionOptions session = Session();
        session.MaxConcurrency = 1;

        ScanSummary summary = await new OfflineScanner(engine).ScanAsync([image], session, TestContext.Current.CancellationToken);

        Assert.Equal((listed, false), (scanned, summary.IsComplete));
        Assert.Contains("written to while it was scanned", Assert.Single(_report.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_image_is_closed_when_the_scan_ends(bool cancelled)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc to see open files");
        string image = Write("disk.raw", ImageFile.Load("ntfs"));
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bool wasOpen = false;
        OfflineScannerOptions options = new()
        {
            ImageOpened = _ =>
            {
                wasOpen = IsOpen(image);
                if (cancelled)
                {
                    cancel.Cancel();
                }
            },
        };

        Task<ScanSummary> scan = new OfflineScanner(new SignatureEngine(SignatureDatabase.Embedded), options).ScanAsync([image], Session(), cancel.Token);
        await Record.ExceptionAsync(() => scan);

        Assert.Equal((true, cancelled), (wasOpen, scan.IsCanceled));
        Assert.False(IsOpen(image));
    }

    [Fact]
    public async Task Progress_knows_how_much_there_is()
    {
        Progress progress = new();
        ScanSessionOptions session = Session();
        session.Progress = progress;

        await new OfflineScanner(new SignatureEngine(SignatureDatabase.Embedded))
            .ScanAsync([Write("disk.raw", ImageFile.Load("ntfs"))], session, TestContext.Current.CancellationToken);

        Assert.InRange(progress.Last!.TotalBytes!.Value, 1 << 20, 6 << 20);
        Assert.InRange(progress.Last.Bytes, 100_000, progress.Last.TotalBytes.Value);
    }

    [Fact]
    public void A_volume_is_not_read_for_ever_however_often_its_files_claim_its_clusters()
    {
        ReadBudget budget = new(volumeLength: 1 << 20, maxExpansion: 2);

        int reads = 0;
        IOException e = Assert.ThrowsAny<IOException>(() =>
        {
            for (; reads < 10_000; reads++)
            {
                budget.Take(1 << 20);
            }
        });

        Assert.Equal(1026, reads);
        Assert.Contains("claim more than", e.Message, StringComparison.Ordinal);
    }

    private static bool IsOpen(string path)
        => Directory.GetFiles("/proc/self/fd").Any(descriptor => File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName == path);

    /// <summary>Sets the flag of an encrypted stream in a file's record.</summary>
    private static void Encrypt(byte[] volume, string path) => ChangeData(volume, path, attribute => volume[attribute + 0x0D] = 0x40);

    /// <summary>Changes the attribute that holds a file's data; the change is given its offset.</summary>
    private static void ChangeData(byte[] volume, string path, Action<int> change)
    {
        using DiskImage image = DiskImage.Open(new MemorySource(volume), new ImageFolder(Path.GetTempPath()));
        ulong reference = image.Volumes[0].FileSystem!.EnumerateEntries(static _ => { }).Single(entry => entry.Paths[0] == path).Id;
        int table = BitConverter.ToInt32(volume, 0x30) * 512;
        int record = table + ((int)(reference & 0xFFFF_FFFF) * 1024);
        Assert.True(volume.AsSpan(record).StartsWith("FILE"u8));
        int attribute = record + BitConverter.ToUInt16(volume, record + 0x14);
        while (BitConverter.ToUInt32(volume, attribute) != 0x80)
        {
            attribute += BitConverter.ToInt32(volume, attribute + 4);
        }

        change(attribute);
    }

    private ScanSessionOptions Session(bool hash = false) => new() { HashContents = hash, Reports = { _report } };

    private Task<ScanSummary> ScanAsync(string[] images, bool hash = false, IScanEngine? engine = null, OfflineScannerOptions? options = null)
        => new OfflineScanner(engine ?? new SignatureEngine(SignatureDatabase.Embedded), options)
            .ScanAsync(images, Session(hash), TestContext.Current.CancellationToken);

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return _folder[name];
    }

    private sealed class ActingEngine(Action onScan) : IScanEngine
    {
        public string Name => "acting";

        public DefinitionSet Definitions { get; } = new() { Engine = "acting", Version = "1", Digest = default };

        public ScanProfile Profile => ScanProfile.None;

        public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
        {
            onScan();
            return new EngineVerdict(Verdict.Clean, Definitions);
        }
    }

    private sealed class Progress : IProgress<ScanProgress>
    {
        public ScanProgress? Last { get; private set; }

        public void Report(ScanProgress value) => Last = value;
    }
}
