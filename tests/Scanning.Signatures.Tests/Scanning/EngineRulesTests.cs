using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Scanning;

/// <summary>What the engine makes of signatures, lists and containers together.</summary>
public class EngineRulesTests
{
    private static readonly byte[] Virus = "\0\0\0\0 a virus that is none"u8.ToArray();

    private static readonly (string Name, string Text) Body = ("a.ndb", "Local.Virus:0:*:61207669727573\n");

    [Fact]
    public void A_threat_inside_of_containers_is_found_at_every_depth()
    {
        SignatureEngine engine = Engine(Body);

        Assert.Equal(Verdict.Infected("Local.Virus"), Scan(engine, Zip("x.bin", Virus)));
        Assert.Equal(Verdict.Infected("Local.Virus"), Scan(engine, Gzip(Zip("x.bin", Gzip(Virus)))));
        Assert.Equal(Verdict.Clean, Scan(engine, Zip("x.bin", "nothing"u8.ToArray())));
    }

    [Fact]
    public void EICAR_is_found_inside_of_containers_whatever_is_loaded() =>
        Assert.Equal(Verdict.Infected("Eicar-Test-Signature"), Scan(new SignatureEngine(SignatureDatabase.Embedded), Zip("a.zip", Zip("eicar.com", Eicar.Bytes))));

    [Theory]
    [InlineData("clam.zip")]
    [InlineData("clam.7z")]
    [InlineData("clam.cab")]
    [InlineData("clam.tar.gz")]
    [InlineData("clam.bz2.zip")]
    [InlineData("clam.impl.zip")]
    [InlineData("clam.ole.doc")]
    [InlineData("clam.exe")]
    [InlineData("clam.exe.bz2")]
    [InlineData("clam.arj")]
    [InlineData("clam.chm")]
    [InlineData("clam.mail")]
    [InlineData("clam.tnef")]
    [InlineData("clam.exe.rtf")]
    [InlineData("clam.ppt")]
    [InlineData("clam_cache_emax.tgz")]
    public void ClamAVs_test_files_are_detected(string file)
    {
        byte[] program = ClamAvTestFiles.Read("clam.exe");
        SignatureEngine engine = Engine(("a.hdb", $"{Md5(program)}:{program.Length}:Clamav.Test.File\n"));

        Assert.Equal(Verdict.Infected("Clamav.Test.File"), Scan(engine, ClamAvTestFiles.Read(file)));
    }

    [Fact]
    public void What_is_allowed_is_no_threat_and_neither_is_anything_inside_of_it()
    {
        byte[] archive = Zip("x.bin", Virus);
        byte[] other = Zip("y.bin", Virus);
        SignatureEngine engine = Engine(Body, ("a.fp", $"{Md5(archive)}:{archive.Length}:Known.Archive\n"));

        Assert.Equal(Verdict.Clean, Scan(engine, archive));
        Assert.Equal(Verdict.Infected("Local.Virus"), Scan(engine, other));
        Assert.Equal(Verdict.Infected("Local.Virus"), Scan(engine, Virus));
        Assert.Equal(Verdict.Clean, Scan(Engine(Body, ("a.sfp", $"{Sha256(Virus)}:*:Known.File:73\n")), other));
    }

    [Theory]
    [InlineData("a.ign2", "Local.Virus\n", false)]
    [InlineData("a.ign2", "Local.Virus.UNOFFICIAL\n", false)]
    [InlineData("a.ign2", "Local.Other\n", true)]
    [InlineData("a.ign", "a.ndb:1:Local.Virus\n", false)]
    public void What_is_ignored_is_not_used_and_the_report_says_so(string list, string line, bool isFound)
    {
        SignatureDatabase database = Load((list, line), Body);

        Assert.Equal(isFound ? Verdict.Infected("Local.Virus") : Verdict.Clean, Scan(new SignatureEngine(database), Virus));
        Assert.Equal(isFound, !database.Report.LeftOut.ContainsKey("named by an ignore list"));
    }

    [Fact]
    public void An_entry_for_one_form_of_a_signature_ignores_no_other()
    {
        string line = Body.Text.TrimEnd();
        string md5 = Md5(Encoding.ASCII.GetBytes(line));

        Assert.Equal(Verdict.Clean, Scan(Engine(Body, ("z.ign2", $"Local.Virus:{md5}\n")), Virus));
        Assert.Equal(Verdict.Infected("Local.Virus"), Scan(Engine(("a.ndb", line + ":51\n"), ("z.ign2", $"Local.Virus:{md5}\n")), Virus));
    }

    [Theory]
    [InlineData("a.mdb", "MD5", false)]
    [InlineData("a.msb", "SHA256", false)]
    [InlineData("a.msb", "SHA1", false)]
    [InlineData("a.msb", "SHA256", true)]
    public void A_section_is_known_by_its_hash_as_clamscan_knows_it(string database, string algorithm, bool isAnySize)
    {
        ClamScan.Require();
        byte[] program = CarrierFile.Make(1, Encoding.ASCII.GetBytes("some code"), 2);
        byte[] section = program[0x400..0x600];
        string hash = Convert.ToHexStringLower(CryptographicOperations.HashData(new HashAlgorithmName(algorithm), section));
        string line = isAnySize ? $"*:{hash}:A.Section:73\n" : $"{section.Length}:{hash}:A.Section\n";
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["definitions"]);
        Directory.CreateDirectory(folder["files"]);
        File.WriteAllText(folder["definitions/" + database], line);
        File.WriteAllBytes(folder["files/program"], program);

        Assert.Equal(["A.Section"], ClamScan.AllMatches(folder["definitions"], folder["files"])["program"]);
        Assert.Equal(["A.Section"], FindAll(Engine((database, line)), program));
    }

    [Fact]
    public void A_signature_may_ask_for_the_type_of_the_container()
    {
        SignatureEngine engine = Engine(("a.ldb", "In.Zip;Engine:51-255,Container:CL_TYPE_ZIP,Target:0;0;61207669727573\nIn.Gzip;Engine:51-255,Intermediates:CL_TYPE_GZ>CL_TYPE_ZIP,Target:0;0;61207669727573\n"));

        Assert.Equal(["In.Zip"], FindAll(engine, Zip("x.bin", Virus)));
        Assert.Equal(["In.Zip", "In.Gzip"], FindAll(engine, Gzip(Zip("x.bin", Virus))));
        Assert.Empty(FindAll(engine, Virus));
        Assert.Empty(FindAll(engine, Gzip(Virus)));
    }

    [Theory]
    [InlineData("a picture", "GIF89a")]
    [InlineData("a picture of another kind", "MM\0*")]
    [InlineData("a page", "<html><body>text</body></html>")]
    [InlineData("a document", "%PDF-1.4\n")]
    [InlineData("rich text", "{\\rtf1 text}")]
    [InlineData("a movie", "FWS\u0006\u0010\0\0\0")]
    [InlineData("a class", "\u00CA\u00FE\u00BA\u00BE\0\0\0\u0032")]
    [InlineData("a link", "L\0\0\0\u0001\u0014\u0002\0\0\0\0\0\u00C0\0\0\0\0\0\0F")]
    [InlineData("PostScript", "%!PS-Adobe-3.0\n")]
    [InlineData("sound", "RIFF\u0010\0\0\0WAVEfmt ")]
    [InlineData("an archive that nothing here opens", "xar!\0\u001C\0\u0001")]
    [InlineData("text in two-byte characters", "\u00FF\u00FEa\0b\0c\0")]
    [InlineData("a song", "ID3\u0003\0\0\0\0\0\0")]
    public void An_archive_behind_something_else_is_opened_whatever_that_is(string behind, string head)
    {
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head), .. new byte[600], .. Zip("x.bin", Virus)];

        Assert.True(Scan(Engine(Body), bytes) == Verdict.Infected("Local.Virus"), behind);
    }

    [Theory]
    [InlineData("XAR", "xar!\0\u001C\0\u0001")]
    [InlineData("a movie packed by LZMA", "ZWS\u0013\u0010\0\0\0")]
    public void A_container_that_nothing_here_opens_is_not_clean(string container, string head)
    {
        Verdict verdict = Scan(Engine(Body), [.. Encoding.Latin1.GetBytes(head), .. new byte[2000]]);

        Assert.True(verdict.Kind == VerdictKind.Incomplete, $"{container}: {verdict}");
    }

    [Theory]
    [InlineData(1_000, VerdictKind.Clean)]
    [InlineData(2_000_000, VerdictKind.Incomplete)]
    public void A_script_that_is_normalised_in_part_only_is_not_clean_where_a_signature_looks_at_scripts(int length, VerdictKind expected)
    {
        byte[] page = Encoding.ASCII.GetBytes($"<html><script>{string.Concat(Enumerable.Repeat("f();", length / 4))}</script></html>");

        Assert.Equal(expected, Scan(Engine(("a.ndb", "Local.Page:3:*:61626364\n")), page).Kind);
        Assert.Equal(Verdict.Clean, Scan(new SignatureEngine(SignatureDatabase.Embedded), page));
    }

    [Fact]
    public void A_packed_movie_is_unpacked()
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(Virus);
        }

        byte[] movie = [.. "CWS\x06"u8, (byte)(Virus.Length + 8), 0, 0, 0, .. packed.ToArray()];

        Assert.Equal(Verdict.Infected("Local.Virus"), Scan(Engine(Body), movie));
    }

    [Fact]
    public void A_limit_that_is_reached_makes_the_verdict_incomplete_and_hides_no_threat()
    {
        SignatureEngineOptions options = new() { Archives = new ArchiveLimits { MaxMembers = 2 } };
        SignatureEngine engine = new(Load(Body), options);
        byte[] many = Zip(("1", "one"u8.ToArray()), ("2", "two"u8.ToArray()), ("3", Virus));
        byte[] first = Zip(("1", Virus), ("2", "two"u8.ToArray()), ("3", "three"u8.ToArray()));

        Assert.Equal(VerdictKind.Incomplete, Scan(engine, many).Kind);
        Assert.Equal(Verdict.Infected("Local.Virus"), Scan(engine, first));
        Assert.NotEqual(new SignatureEngine(Load(Body)).Profile, engine.Profile);
    }

    [Fact]
    public void Newer_definitions_are_used_from_the_next_scan_on()
    {
        SignatureEngine engine = new(SignatureDatabase.Embedded);
        Assert.Equal(Verdict.Clean, Scan(engine, Virus));
        SignatureDatabase newer = Load(Body);

        engine.Use(newer);

        using MemoryContent content = new("x", Virus);
        EngineVerdict answer = engine.Scan(content, null, CancellationToken.None);
        Assert.Equal((Verdict.Infected("Local.Virus"), newer.Definitions), (answer.Verdict, answer.Definitions));
        Assert.Equal(newer.Definitions, engine.Definitions);
    }

    [Fact]
    public async Task Definitions_may_be_exchanged_while_scans_run()
    {
        SignatureDatabase[] databases = [Load(Body), Load(("a.ndb", "Other.Name:0:*:61207669727573\n"))];
        SignatureEngine engine = new(databases[0]);
        byte[] archive = Zip("x.bin", Virus);
        using CancellationTokenSource done = new();
        Task exchange = Task.Run(
            () =>
            {
                for (int i = 0; !done.IsCancellationRequested; i++)
                {
                    engine.Use(databases[i % 2]);
                }
            },
            TestContext.Current.CancellationToken);

        await Parallel.ForAsync(0, 2000, TestContext.Current.CancellationToken, (_, _) =>
        {
            using MemoryContent content = new("x", archive);
            EngineVerdict answer = engine.Scan(content, null, CancellationToken.None);
            Assert.Equal(answer.Definitions == databases[0].Definitions ? "Local.Virus" : "Other.Name", answer.Verdict.Detail);
            return ValueTask.CompletedTask;
        });
        await done.CancelAsync();
        await exchange;
    }

    private static SignatureEngine Engine(params (string Name, string Text)[] files) => new(Load(files));

    private static SignatureDatabase Load(params (string Name, string Text)[] files)
    {
        SignatureDatabase database = SignatureDatabase.Load(
            files.Select(static file => DefinitionFile.FromMemory(file.Name, Encoding.ASCII.GetBytes(file.Text))), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(database.Report.Files.SelectMany(static file => file.MalformedLines));
        return database;
    }

    private static Verdict Scan(SignatureEngine engine, byte[] bytes)
    {
        using MemoryContent content = new("x", bytes);
        return engine.Scan(content, null, TestContext.Current.CancellationToken).Verdict;
    }

    private static IReadOnlyList<string> FindAll(SignatureEngine engine, byte[] bytes)
    {
        using MemoryContent content = new("x", bytes);
        return engine.FindAll(content, TestContext.Current.CancellationToken);
    }

    private static byte[] Zip(string name, byte[] bytes) => Zip((name, bytes));

    private static byte[] Zip(params (string Name, byte[] Bytes)[] members)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in members)
            {
                using Stream member = archive.CreateEntry(name).Open();
                member.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, bytes));

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
