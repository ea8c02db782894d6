using System.Security.Cryptography;
using System.Text.Json;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>Images of other projects, which Windows and many tools made, against what The Sleuth Kit and their makers say is in them.</summary>
public sealed class SharedImageTests(SharedImageTests.Unpacked images) : IClassFixture<SharedImageTests.Unpacked>
{
    [Theory]
    [InlineData("debian-dfvfs/test_data/ntfs.raw")]
    [InlineData("debian-dfvfs/test_data/ntfs-fixed.vhd")]
    [InlineData("debian-dfvfs/test_data/ntfs-parent.vhd")]
    [InlineData("debian-dfvfs/test_data/fat12.raw")]
    [InlineData("debian-dfvfs/test_data/fat-parent.vhd")]
    public void Every_file_that_The_Sleuth_Kit_reads_is_read_alike_and_there_are_no_others(string name)
    {
        using DiskImage image = DiskImage.Open(images.Path(name));
        Dictionary<string, (long Size, string Sha256)> ours = [];
        foreach (FileEntry entry in Assert.Single(image.Volumes).FileSystem!.EnumerateEntries(static fault => Assert.Fail(fault.ToString())))
        {
            foreach (DataStream stream in entry.Streams.Where(static stream => stream.StoredLength < 100 << 20))
            {
                foreach (string path in entry.Paths)
                {
                    ours.Add("/" + path + (stream.Name.Length == 0 ? "" : ":" + stream.Name), Content(stream));
                }
            }
        }

        Dictionary<string, (long Size, string Sha256)> theirs = Expected(name);
        Assert.Equal(theirs.OrderBy(static file => file.Key, StringComparer.Ordinal), ours.Where(file => theirs.ContainsKey(file.Key)).OrderBy(static file => file.Key, StringComparer.Ordinal));

        // The Sleuth Kit cannot read the list of bad clusters, which is one hole as large as the volume, and lists no empty streams of its own kind.
        Assert.All(ours.Keys.Except(theirs.Keys), static path => Assert.Contains("$", path, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_stream_of_a_volume_full_of_odd_things_is_read_or_said_to_be_unreadable()
    {
        string volume = images.Path("derived/ntfs3g/ntfs3g-512.raw.xz");
        Peer.Run("xz", "-dkf", volume);
        using DiskImage image = DiskImage.Open(volume[..^".xz".Length]);
        Dictionary<string, DataStream> streams = [];
        foreach (FileEntry entry in image.Volumes[0].FileSystem!.EnumerateEntries(static fault => Assert.Fail(fault.ToString())))
        {
            foreach ((string path, DataStream stream) in entry.Paths.SelectMany(path => entry.Streams.Select(stream => (path, stream))))
            {
                streams.Add(stream.Name.Length == 0 ? path : $"{path}:{stream.Name}", stream);
            }
        }

        string[] lines = File.ReadAllLines(images.Path("derived/ntfs3g/ntfs3g-512.manifest.tsv"));
        Assert.Equal(3161, lines.Length);
        Assert.All(lines, line =>
        {
            string[] fields = line.Split('\t');
            DataStream stream = streams[fields[0]];
            if (fields[3].StartsWith("WOF", StringComparison.Ordinal))
            {
                // Read as they lie on the volume, these would be zeros.
                Assert.Equal(ImageFaultKind.Unsupported, stream.Fault!.Kind);
            }
            else
            {
                Assert.Equal((long.Parse(fields[1], null), fields[2]), Content(stream));
            }
        });
    }

    [Fact]
    public void The_flat_base_of_a_chain_of_ESX_snapshots_is_read_and_the_snapshots_are_refused()
    {
        using DiskImage image = DiskImage.Open(images.Path("derived/cowd/base.vmdk"));

        string expected = File.ReadLines(images.Path("derived/cowd/EXPECTED.sha256")).First(static line => line.EndsWith("base.vmdk", StringComparison.Ordinal));
        Assert.StartsWith(Hash(image.Content), expected, StringComparison.Ordinal);
        Assert.Equal(
            ImageFaultKind.Unsupported, Assert.Throws<ImageFormatException>(() => DiskImage.Open(images.Path("derived/cowd/base-000001.vmdk"))).Fault.Kind);
    }

    [Theory]
    [InlineData("debian-dfvfs/test_data/mbr.raw", "MBR", "p1 p5")]
    [InlineData("debian-dfvfs/test_data/gpt.raw", "GPT", "p1 p2")]
    [InlineData("debian-dfvfs/test_data/gpt_non_sequential.raw", "GPT", "p1 p3")]
    [InlineData("debian-dfvfs/test_data/gpt_empty_with_mbr.raw", "MBR", "p1")]
    [InlineData("debian-dfvfs/test_data/ext2.vmdk", "none", "p0")]
    public void Partitions_are_found_whatever_is_in_them(string name, string scheme, string volumes)
    {
        using DiskImage image = DiskImage.Open(images.Path(name));

        Assert.Equal((scheme, volumes), (image.PartitionScheme, string.Join(' ', image.Volumes.Select(static volume => volume.Name))));
        Assert.All(image.Volumes, static volume => Assert.True(volume.Remark == "unformatted" || volume.Fault!.Detail.Contains("ext", StringComparison.Ordinal)));
    }

    private static (long Size, string Sha256) Content(DataStream stream)
    {
        using ByteSource bytes = stream.Open();
        return (bytes.Length, Hash(bytes));
    }

    private static string Hash(ByteSource bytes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] window = new byte[1 << 20];
        int read;
        for (long at = 0; (read = bytes.Read(at, window)) > 0; at += read)
        {
            hash.AppendData(window, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads what The Sleuth Kit says: allocated files whose content it could read.</summary>
    private Dictionary<string, (long Size, string Sha256)> Expected(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(images.Expected(name)));
        Dictionary<string, (long Size, string Sha256)> expected = [];
        foreach (JsonElement entry in document.RootElement.GetProperty("fs")[0].GetProperty("entries").EnumerateArray())
        {
            // Files of the file system itself and the label are listed there as files, too.
            string path = entry[0].GetString()!;
            bool isFile = entry[1].GetString() == "file" && entry[4].GetString() == "A"
                && !path.StartsWith("/$", StringComparison.Ordinal) && !path.EndsWith("(Volume Label Entry)", StringComparison.Ordinal);
            if (isFile && entry[3].GetString() is { Length: 64 } hash)
            {
                expected.Add(path, (entry[2].GetInt64(), hash));
            }
        }

        Assert.NotEmpty(expected);
        return expected;
    }

    /// <summary>The images, unpacked when the first test asks.</summary>
    public sealed class Unpacked : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lock _lock = new();

        public string Path(string image) => Find("images", image);

        public string Expected(string image) => Find("expected", image.Replace("/", "__", StringComparison.Ordinal) + ".json");

        public void Dispose() => _folder.Dispose();

        private string Find(string room, string name)
        {
            string archive = SharedData.Require("images.tar.xz");
            lock (_lock)
            {
                if (!Directory.Exists(_folder["images"]))
                {
                    Peer.Require("tar", "xz");
                    Peer.Run("tar", "-xJf", archive, "-C", _folder.Path);
                }
            }

            return System.IO.Path.Combine(_folder[room], name);
        }
    }
}
