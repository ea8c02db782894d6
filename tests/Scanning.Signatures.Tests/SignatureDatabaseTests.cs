using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

public sealed class SignatureDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Property(MaxTest = 30)]
    public void Every_signature_is_found_by_its_hash_and_size_and_nothing_else_is(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        HashTableBuilder builder = new(32);
        List<(byte[] Hash, uint Size, string Name)> signatures = [];
        for (int i = 0; i < random.Next(1, 500); i++)
        {
            byte[] hash = new byte[32];
            random.NextBytes(hash);
            if (random.Next(3) == 0 && i > 0)
            {
                // Hashes that begin alike, or are the same for several sizes.
                signatures[random.Next(i)].Hash.AsSpan(0, random.Next(2) == 0 ? 32 : 16).CopyTo(hash);
            }

            signatures.Add((hash, (uint)random.Next(1, 1000), $"Threat.{i}"));
            Parse($"{Convert.ToHexString(hash)}:{signatures[^1].Size}:{signatures[^1].Name}", builder);
        }

        HashTable table = builder.Build();

        Assert.Equal(signatures.Count, table.Count);
        Assert.All(signatures, signature =>
        {
            string? found = table.Find(signature.Hash, signature.Size);
            Assert.Contains(signatures, other => other.Name == found && other.Size == signature.Size && other.Hash.AsSpan().SequenceEqual(signature.Hash));
            Assert.True(table.CanMatch(signature.Size));
            Assert.Null(table.Find(signature.Hash, signature.Size + 1000));
            byte[] other = [.. signature.Hash];
            other[random.Next(32)] ^= 1;
            Assert.Null(table.Find(other, signature.Size));
        });
        Assert.False(table.CanMatch(5000));
    }

    [Fact]
    public void A_folder_is_loaded_and_every_file_is_accounted_for()
    {
        Write("a.hdb", $"# comment\r\n{Md5("one")}:3:One\r\n\r\nbroken\r\n");
        Write("b.hsb", $"{Sha256("two")}:3:Two\n{Sha256("three")}:*:Three:73\n{Sha256("old")}:3:Old:1:100\n");
        Write("c.hdu", $"{Md5("adware")}:6:PUA.Ad\n");
        Write("main.cvd", "ClamAV-VDB:...");
        Write("main.cbc", "x");
        Write("readme.txt", "x");

        SignatureDatabase database = Load(_folder.Path);

        Assert.Equal((3, 4), (database.Report.Loaded, database.Definitions.SignatureCount));
        Assert.Equal(_folder.Path, database.Definitions.Source);
        Assert.Equal(["a.hdb", "b.hsb", "c.hdu", "main.cbc", "main.cvd"], database.Report.Files.Select(file => Path.GetFileName(file.Path)));
        Assert.Equal(["main.cbc", "main.cvd"], database.Report.Unread.Select(file => Path.GetFileName(file.Path)));
        Assert.Equal(
            new Dictionary<string, long> { ["for other versions of the engine"] = 1, ["potentially unwanted programs, which were not asked for"] = 1 },
            database.Report.LeftOut);
        MalformedLine line = Assert.Single(database.Report.Files[0].MalformedLines);
        Assert.Equal($"{_folder["a.hdb"]}:4: line: 1 fields, where 3 to 5 are allowed", line.ToString());
    }

    [Fact]
    public void Potentially_unwanted_programs_are_threats_when_asked_for()
    {
        Write("c.hdu", $"{Md5("adware")}:6:PUA.Ad\n");

        SignatureDatabase without = Load(_folder.Path);
        SignatureDatabase with = Load(_folder.Path, new SignatureLoadOptions { IncludePotentiallyUnwanted = true });

        Assert.Equal((0, 1), (without.Report.Loaded, with.Report.Loaded));
        Assert.NotEqual(without.Definitions.Digest, with.Definitions.Digest);
    }

    [Fact]
    public void The_digest_is_of_the_definitions_and_not_of_where_or_when_they_were_loaded()
    {
        Write("a.hdb", $"{Md5("one")}:3:One\n");
        ContentHash first = Load(_folder.Path).Definitions.Digest;
        using TemporaryFolder other = new();
        File.Copy(_folder["a.hdb"], other["a.hdb"]);
        File.SetLastWriteTimeUtc(other["a.hdb"], DateTime.UnixEpoch);

        Assert.Equal(first, Load(other.Path).Definitions.Digest);
        Assert.Equal(Scope(_folder.Path), Scope(other.Path));
        Assert.Equal(0, Load(other.Path).Definitions.Sequence);
        Write("a.hdb", $"{Md5("one")}:4:One\n");
        Assert.NotEqual(first, Load(_folder.Path).Definitions.Digest);
        Assert.NotEqual(Scope(other.Path), Scope(_folder.Path));

        static VerdictScope Scope(string path) => new("built-in", ScanProfile.None, Load(path).Definitions);
    }

    [Fact]
    public void One_file_can_be_loaded_and_a_folder_that_is_not_there_cannot()
    {
        Write("a.hdb", $"{Md5("one")}:3:One\n");

        Assert.Equal(1, Load(_folder["a.hdb"]).Report.Loaded);
        Assert.Throws<DirectoryNotFoundException>(() => Load(_folder["nothing"]));
    }

    [Theory]
    [InlineData("main.hdb.gz", 82_211)]
    [InlineData("daily.hsb.gz", 146_348)]
    [InlineData("rfxn.hdb", 13_030)]
    [InlineData("daily.hdb", 2)]
    public void Real_databases_load_as_a_whole(string file, int signatures)
    {
        string path = SharedData.Require("signatures", file);
        using (Stream packed = File.OpenRead(path))
        using (Stream source = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(packed, CompressionMode.Decompress) : packed)
        using (FileStream copy = File.Create(_folder[Path.GetFileName(file).Replace(".gz", "", StringComparison.Ordinal)]))
        {
            source.CopyTo(copy);
        }

        DefinitionFileReport report = Assert.Single(Load(_folder.Path).Report.Files);

        Assert.Equal((signatures, 0, 0), (report.Loaded, report.Malformed, report.LeftOut.Count));
    }

    [Fact]
    public void Folders_of_products_are_found_and_closed_formats_are_named_as_such()
    {
        IReadOnlyList<DefinitionFolder> all = DefinitionFolders.Find(static _ => true);

        Assert.Contains(all, folder => folder is { Product: "ClamAV", IsReadable: true });
        Assert.Contains(all, folder => folder is { Product: "Symantec Endpoint Protection", IsReadable: false });
        Assert.Empty(DefinitionFolders.Find(static _ => false));
    }

    [Fact]
    public void Definitions_that_change_while_they_are_read_are_read_again()
    {
        int opened = 0;
        DefinitionFile file = new(
            "a.ndb", () => new MemoryStream(Encoding.ASCII.GetBytes(++opened < 3 ? "Older:0:*:61626364\n" : "Newer:0:*:61626364\n")), DateTimeOffset.UnixEpoch);

        SignatureDatabase database = SignatureDatabase.Load([file], cancellationToken: TestContext.Current.CancellationToken);

        SignatureDatabase newer = SignatureDatabase.Load(
            [DefinitionFile.FromMemory("a.ndb", "Newer:0:*:61626364\n"u8.ToArray())], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(newer.Definitions, database.Definitions);
    }

    [Fact]
    public void Definitions_that_never_stop_changing_are_an_error()
    {
        int opened = 0;
        DefinitionFile file = new("a.ndb", () => new MemoryStream(Encoding.ASCII.GetBytes($"Name-{++opened}:0:*:61626364\n")), DateTimeOffset.UnixEpoch);

        IOException fault = Assert.Throws<IOException>(() => SignatureDatabase.Load([file], cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("change while they are read", fault.Message, StringComparison.Ordinal);
    }

    private static SignatureDatabase Load(string path, SignatureLoadOptions? options = null)
        => SignatureDatabase.Load(path, options, TestContext.Current.CancellationToken);

    private static void Parse(string line, HashTableBuilder builder)
    {
        Assert.Equal(DefinitionLineKind.Signature, HashSignature.Parse(Encoding.ASCII.GetBytes(line), HashFieldOrder.HashFirst, out HashSignature signature, out _, out _));
        builder.Add(signature);
    }

    private static string Md5(string text) => Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, Encoding.UTF8.GetBytes(text)));

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private void Write(string name, string text) => File.WriteAllText(_folder[name], text);
}
