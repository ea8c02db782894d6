using System.IO.Compression;
using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

#pragma warning disable xUnit1051 // The snippets are written as their readers will write them, outside tests.

namespace Symantec.Virtualization.Integration.Documentation;

/// <summary>The snippets of the packages' readmes and of the docs, each run once.</summary>
[Collection(nameof(Console))]
public sealed class Snippets : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly TextWriter _console = Console.Out;

    public void Dispose()
    {
        Console.SetOut(_console);
        _folder.Dispose();
    }

    [Fact]
    public void List_the_files_of_a_disk()
    {
        string path = Sample();
        StringWriter output = new();
        Console.SetOut(output);

        #region list-files
        using DiskImage image = DiskImage.Open(path);
        foreach (Volume volume in image.Volumes.Where(volume => volume.FileSystem is not null))
        {
            foreach (FileEntry file in volume.FileSystem!.EnumerateEntries(fault => Console.Error.WriteLine(fault)))
            {
                foreach (DataStream stream in file.Streams.Where(stream => stream.Fault is null))
                {
                    using ByteSource content = stream.Open();
                    Console.WriteLine($"{volume.Name}/{file.Paths[0]} {stream.Name} {content.Length}");
                }
            }
        }
        #endregion

        Assert.Contains("p1/Users/alice/Documents/notes.txt hidden 68", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Plug_a_reader_in()
    {
        string path = Sample();
        File.Move(path, path + ".sealed");
        path += ".sealed";

        #region plug-in-a-container
        DiskImageOptions options = new();
        options.Containers.Insert(0, new SealedFormat());

        using DiskImage image = DiskImage.Open(path, options);
        #endregion

        Assert.Equal("sealed", image.Format);
        Assert.Equal(2, image.Volumes.Count);
    }

    [Fact]
    public void Scan_bytes()
    {
        File.WriteAllText(_folder["local.hdb"], "900150983cd24fb0d6963f7d28e17f72:3:Local.Abc\n");
        string folder = _folder.Path;

        #region scan-bytes
        SignatureDatabase database = SignatureDatabase.Load(folder);
        SignatureEngine engine = new(database);

        using MemoryContent content = new("attachment.bin", "abc"u8.ToArray());
        EngineVerdict answer = engine.Scan(content, hash: null, CancellationToken.None);

        Console.WriteLine(answer.Verdict);   // Infected: Local.Abc
        #endregion

        Assert.Equal("Infected: Local.Abc", answer.Verdict.ToString());
    }

    [Fact]
    public async Task Scan_a_list_of_contents()
    {
        IScanEngine engine = new SignatureEngine(SignatureDatabase.Embedded);
        IScanSource source = new Attachments([("a.txt", "abc"u8.ToArray()), ("eicar.com", Eicar.Bytes)]);
        string log = _folder["scan.jsonl"];
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;

        #region run-a-session
        using JsonLinesReport lines = new(log);
        ScanSession session = new(engine, new ScanSessionOptions
        {
            Trigger = ScanTrigger.Scheduled,
            Reports = { new TextReport(Console.Out), lines },
        });

        ScanSummary summary = await session.RunAsync(source, cancellationToken);
        #endregion

        Assert.Equal((2, 1), (summary.Contents, summary.Infected));
    }

    [Fact]
    public async Task Add_the_scanner_to_a_host()
    {
        ServiceCollection services = new();
        string image = Sample();

        #region add-to-a-host
        services.AddSingleton<IScanEngine>(new SignatureEngine(SignatureDatabase.Embedded));
        services.AddOfflineImageScanner(options => options.DiskImages.AllowedFolders.Add("/srv/base-images"));
        #endregion

        await using ServiceProvider provider = services.BuildServiceProvider();
        ScanSummary summary = await provider.GetRequiredService<OfflineScanner>().ScanAsync([image], cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(summary.IsComplete);
    }

    /// <summary>The sample disk as it is shipped, without the test file in it.</summary>
    private string Sample()
    {
        using Stream packed = System.Reflection.Assembly.Load("OfflineScan").GetManifestResourceStream("sample.vmdk.gz")!;
        using GZipStream unpacked = new(packed, CompressionMode.Decompress);
        using FileStream file = File.Create(_folder["sample.vmdk"]);
        unpacked.CopyTo(file);
        return file.Name;
    }

    #region list-source
    private sealed class Attachments(IReadOnlyList<(string Name, byte[] Bytes)> attachments) : IScanSource
    {
        public string Name => "attachments";

        public long? StoredBytes => attachments.Sum(attachment => (long)attachment.Bytes.Length);

        public IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken)
            => attachments.Select(attachment => new MemoryContent(attachment.Name, attachment.Bytes));
    }
    #endregion

    #region a-container-format
    /// <summary>Reads disks that another library opens as a stream: DiscUtils, a decryptor, a backup's own format.</summary>
    private sealed class SealedFormat : IContainerFormat
    {
        public string Name => "sealed";

        public bool Recognizes(ByteSource file) => file is HostFileSource host && host.Path.EndsWith(".sealed", StringComparison.Ordinal);

        public VirtualDisk Open(ByteSource file, ContainerContext context)
        {
            Stream disk = OpenWithAnotherLibrary(file);
            return new VirtualDisk(Name, "", new StreamSource(disk), faults: [], file);
        }
    }
    #endregion

    /// <summary>Stands for the other library: it decodes the disk that the file holds.</summary>
    private static MemoryStream OpenWithAnotherLibrary(ByteSource file)
    {
        IContainerFormat vmdk = new DiskImageOptions().Containers[0];
        VirtualDisk disk = vmdk.Open(file, new ContainerContext { Files = new ImageFolder("."), Options = new DiskImageOptions() });
        byte[] bytes = new byte[disk.Content.Length];
        disk.Content.ReadExactly(0, bytes, "Disk");
        return new MemoryStream(bytes);
    }
}
