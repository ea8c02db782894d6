using System.Globalization;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

/// <summary>Archives that other programs wrote yield what was put into them.</summary>
public sealed class ArchivesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _large = new byte[6_000_000];

    public ArchivesTests()
    {
        Directory.CreateDirectory(_folder["in/deep"]);
        for (int i = 0; i < _large.Length; i += 4)
        {
            BitConverter.TryWriteBytes(_large.AsSpan(i), i / 64 * 7919);
        }

        File.WriteAllText(_folder["in/hello.txt"], "hello");
        File.WriteAllText(_folder["in/deep/Grüße.txt"], "greetings");
        File.WriteAllBytes(_folder["in/large.bin"], _large);
        File.WriteAllBytes(_folder["in/empty"], []);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.zip", "-mm=Deflate")]
    [InlineData("a.zip", "-mm=Deflate64")]
    [InlineData("a.zip", "-mm=Copy")]
    [InlineData("a.zip", "-mm=BZip2")]
    [InlineData("a.zip", "-mm=LZMA")]
    [InlineData("a.zip", "-mm=PPMd")]
    [InlineData("a.7z", "-mx=5")]
    [InlineData("a.7z", "-m0=Copy")]
    [InlineData("a.7z", "-m0=LZMA")]
    [InlineData("a.7z", "-m0=PPMd")]
    [InlineData("a.7z", "-m0=BZip2")]
    [InlineData("a.7z", "-m0=Deflate")]
    [InlineData("a.7z", "-ms=off")]
    [InlineData("a.7z", "-mhc=off")]
    public void Archives_that_7zz_wrote_are_opened(string archive, string option)
    {
        Peer.Require("7zz");
        Peer.Run("7zz", "a", "-bd", option, _folder[archive], _folder["in/."]);

        AssertHoldsAll(Unpacked.From(File.ReadAllBytes(_folder[archive])));
    }

    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--format=pax")]
    [InlineData("--format=ustar")]
    [InlineData("--format=v7")]
    [InlineData("--format=oldgnu")]
    public void Archives_that_tar_wrote_are_opened(string format)
    {
        Peer.Run("tar", "-C", _folder["in"], format, "-cf", _folder["a.tar"], ".");

        AssertHoldsAll(Unpacked.From(File.ReadAllBytes(_folder["a.tar"])));
    }

    [Theory]
    [InlineData("gzip", "-k", ".gz")]
    [InlineData("bzip2", "-k", ".bz2")]
    [InlineData("xz", "-k", ".xz")]
    [InlineData("xz", "-k0", ".xz")]
    [InlineData("xz", "-k9", ".xz")]
    [InlineData("xz", "-kCsha256", ".xz")]
    [InlineData("xz", "-kT2", ".xz")]
    public void Packed_files_are_opened_also_where_several_follow_each_other(string program, string option, string suffix)
    {
        Peer.Require(program);
        Peer.Run(program, option, _folder["in/large.bin"]);
        Peer.Run(program, "-k", _folder["in/hello.txt"]);
        byte[] large = File.ReadAllBytes(_folder["in/large.bin" + suffix]);
        byte[] hello = File.ReadAllBytes(_folder["in/hello.txt" + suffix]);

        Unpacked one = Unpacked.From(large);
        Assert.Equal(_large.Length, one.Total);
        Assert.Empty(one.Faults);
        Assert.Equal([.. _large.AsSpan(0, 1 << 20)], one.Contents[0].Bytes);

        Unpacked two = Unpacked.From([.. hello, .. hello, .. large]);
        Assert.Empty(two.Faults);
        Assert.Equal(_large.Length + 10, two.Total);
    }

    [Fact]
    public void Cabinets_that_gcab_wrote_are_opened()
    {
        Peer.Require("gcab");
        foreach (string option in new[] { "-z", "-n" })
        {
            Peer.Run("gcab", "-c", option, _folder["a.cab"], _folder["in/hello.txt"], _folder["in/large.bin"], _folder["in/deep/Grüße.txt"]);

            AssertHoldsAll(Unpacked.From(File.ReadAllBytes(_folder["a.cab"])));
        }
    }

    [Fact]
    public void A_cabinet_packed_by_LZX_behind_a_program_yields_what_7zz_gets_from_it()
    {
        Peer.Require("7zz");
        byte[] installer = ClamAvTestFiles.Read("clam_IScab_int.exe");
        File.WriteAllBytes(_folder["a.cab"], installer[installer.AsSpan().IndexOf("MSCF\0\0\0\0"u8)..]);
        Assert.InRange(ProgramRun.Of("7zz", ["x", "-y", $"-o{_folder["out"]}", _folder["a.cab"]]).ExitCode, 0, 1);
        Dictionary<string, byte[]> expected = Directory.GetFiles(_folder["out"]).ToDictionary(static path => Path.GetFileName(path), File.ReadAllBytes);

        Unpacked unpacked = Unpacked.From(installer);
        Assert.Equal(13, expected.Count);
        Assert.Empty(unpacked.Faults);
        Assert.All(expected, file => Assert.Contains(
            unpacked.Contents, content => content.Location == $"outer!/{file.Key}" && content.Bytes.AsSpan().SequenceEqual(file.Value)));
    }

    [Fact]
    public void A_Debian_package_is_opened_down_to_its_files()
    {
        Peer.Require("dpkg-deb");
        Directory.CreateDirectory(_folder["deb/DEBIAN"]);
        File.WriteAllText(_folder["deb/DEBIAN/control"], "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n");
        File.WriteAllText(_folder["deb/hello.txt"], "hello");
        Peer.Run("dpkg-deb", "-Zxz", "-b", _folder["deb"], _folder["a.deb"]);

        Unpacked unpacked = Unpacked.From(File.ReadAllBytes(_folder["a.deb"]));
        Assert.Empty(unpacked.Faults);
        Assert.True(unpacked.Contains("hello"u8.ToArray()));
    }

    [Fact]
    public void EICAR_is_found_in_zip_in_7z_in_zip_and_in_tar_gz()
    {
        Peer.Require("7zz");
        File.WriteAllBytes(_folder["in/packed"], [.. Eicar.Bytes]);
        Peer.Run("7zz", "a", "-bd", _folder["e.zip"], _folder["in/packed"]);
        Peer.Run("7zz", "a", "-bd", _folder["e.7z"], _folder["in/packed"]);
        Peer.Run("7zz", "a", "-bd", _folder["e7.zip"], _folder["e.7z"]);
        Peer.Run("tar", "-C", _folder["in"], "-czf", _folder["e.tar.gz"], "packed");

        foreach ((string archive, string location) in new[]
        {
            ("e.zip", "outer!/packed"), ("e7.zip", "outer!/e.7z!/packed"), ("e.tar.gz", "outer!/content!/packed"),
        })
        {
            Unpacked unpacked = Unpacked.From(File.ReadAllBytes(_folder[archive]));
            Assert.Empty(unpacked.Faults);
            Assert.Contains(unpacked.Contents, content => content.Location == location && content.Bytes.AsSpan().SequenceEqual(Eicar.Bytes));
        }
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("7z")]
    [InlineData("cab")]
    public void An_archive_behind_a_program_is_opened(string kind)
    {
        Peer.Require("7zz", "gcab");
        if (kind == "cab")
        {
            Peer.Run("gcab", "-c", "-z", _folder["a.cab"], _folder["in/hello.txt"]);
        }
        else
        {
            Peer.Run("7zz", "a", "-bd", _folder[$"a.{kind}"], _folder["in/hello.txt"]);
        }

        byte[] program = ExecutableSamples.Importing("kernel32.dll", ["ExitProcess"]);
        Unpacked unpacked = Unpacked.From([.. program, .. File.ReadAllBytes(_folder[$"a.{kind}"])]);

        Assert.Empty(unpacked.Faults);
        Assert.True(unpacked.Contains("hello"u8.ToArray()));
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("7z")]
    public void An_encrypted_member_is_incomplete_and_named(string kind)
    {
        Peer.Require("7zz");
        Peer.Run("7zz", "a", "-bd", "-psecret", _folder[$"a.{kind}"], _folder["in/hello.txt"]);

        Unpacked unpacked = Unpacked.From(File.ReadAllBytes(_folder[$"a.{kind}"]));
        Assert.Empty(unpacked.Contents);
        Assert.Contains(unpacked.Faults, static fault => fault.Contains("hello.txt: encrypted", StringComparison.Ordinal));
    }

    [Fact]
    public void A_large_member_lies_in_a_temporary_file_that_is_gone_afterwards()
    {
        Peer.Require("7zz");
        Peer.Run("7zz", "a", "-bd", _folder["a.zip"], _folder["in/large.bin"]);
        List<FileInfo> during = [];
        Witness witness = new(() => during = TemporaryFiles());
        byte[] bytes = File.ReadAllBytes(_folder["a.zip"]);
        Archives.Open(
            new Core.MemoryContent("x", bytes), FileTypes.Identify(bytes, bytes.Length), null, new ArchiveBudget(ArchiveLimits.Default, TimeProvider.System), witness, TestContext.Current.CancellationToken);

        Assert.Equal(_large.Length, witness.Length);
        Assert.Single(during);
        Assert.Empty(TemporaryFiles());
    }

    /// <summary>Gets the temporary files that are as long as the large file of these tests, which run one after the other.</summary>
    private List<FileInfo> TemporaryFiles()
        => [.. new DirectoryInfo(Path.GetTempPath()).EnumerateFiles("symantec-virtualization-*").Where(file => file.Exists && file.Length == _large.Length)];

    private void AssertHoldsAll(Unpacked unpacked)
    {
        Assert.Empty(unpacked.Faults);
        Assert.True(unpacked.Contains("hello"u8.ToArray()));
        Assert.True(unpacked.Contains("greetings"u8.ToArray()));
        Assert.True(unpacked.Contains(_large[..(1 << 20)]));
        Assert.InRange(unpacked.Total, _large.Length + 14, _large.Length + 14);
        Assert.Contains(unpacked.Contents, static content => content.Location.EndsWith("Grüße.txt", StringComparison.Ordinal) || content.Location.Contains("deep", StringComparison.Ordinal));
    }

    private sealed class Witness(Action onVisit) : IMemberVisitor
    {
        public long Length { get; private set; }

        public bool Visit(FileType container, MemberInfo member, Core.ScanContent content)
        {
            onVisit();
            Length = content.Length;
            return false;
        }

        public void Incomplete(string why) => Assert.Fail(why.ToString(CultureInfo.InvariantCulture));
    }
}
