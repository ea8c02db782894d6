using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Definitions;

/// <summary>Compiled definitions that are kept for the next start.</summary>
public sealed class DefinitionCacheTests : IDisposable
{
    private const string Databases = """
        Body:0:*:616263646566
        Parts:0:*:6162{2-4}6364
        Wide:1:EP+0:(61|62)63646566
        """;

    private static readonly string Logical = "Logic;Engine:81-255,FileSize:1-1000,Target:0;0&1&2;78797a77::i;0/q+r/;0(>>4#il1#>5)\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_kept_finds_the_same_and_tells_the_same()
    {
        SignatureDatabase first = Load();
        SignatureDatabase second = Load();

        Assert.Single(Entries());
        Assert.NotSame(first.Tables, second.Tables);
        Assert.Equal(first.Definitions, second.Definitions);
        Assert.Equal((first.Definitions.Version, first.Definitions.SignatureCount, first.Definitions.Published), (second.Definitions.Version, second.Definitions.SignatureCount, second.Definitions.Published));
        Assert.Equal(first.Report.Files.Select(static file => file.ToString()), second.Report.Files.Select(static file => file.ToString()));
        Assert.Equal(first.Report.Files.SelectMany(static file => file.MalformedLines), second.Report.Files.SelectMany(static file => file.MalformedLines));
        foreach (string content in (string[])["..abcdef..", "..ab123cd..", "..XYZW\u0007qqr", "nothing", "abc"])
        {
            Assert.Equal(Find(first, content), Find(second, content));
        }

        Assert.Equal(["Body"], Find(second, "..abcdef.."));
        Assert.Equal(["Logic"], Find(second, "..XYZW\u0007qqr"));
    }

    [Fact]
    public void Definitions_that_changed_are_compiled_anew()
    {
        Load();
        File.AppendAllText(_folder["definitions/a.ndb"], "\nNewer:0:*:6e6577657221\n");

        Assert.Equal(["Newer"], Find(Load(), "..newer!.."));
        Assert.Equal(2, Entries().Length);
    }

    [Fact]
    public void A_damaged_entry_is_as_good_as_none_wherever_it_is_damaged()
    {
        Load();
        string entry = Assert.Single(Entries());
        byte[] bytes = File.ReadAllBytes(entry);
        for (int at = 0; at < bytes.Length; at += 61)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(entry, at % 2 == 0 ? damaged : bytes[..at]);
            Assert.Equal(["Body"], Find(Load(), "..abcdef.."));
        }
    }

    [Fact]
    public void A_folder_that_others_may_write_to_is_not_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such permissions");
        Directory.CreateDirectory(_folder["cache"]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder["cache"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite);
        }

        Load();

        Assert.Empty(Entries());
    }

    private SignatureDatabase Load()
    {
        string definitions = Directory.CreateDirectory(_folder["definitions"]).FullName;
        if (!File.Exists(Path.Combine(definitions, "a.ndb")))
        {
            File.WriteAllText(Path.Combine(definitions, "a.ndb"), Databases + "\nBroken:0:*:61\n");
            File.WriteAllText(Path.Combine(definitions, "b.ldb"), Logical);
            File.WriteAllText(Path.Combine(definitions, "c.hdb"), "900150983cd24fb0d6963f7d28e17f72:3:Hash\n");
        }

        return SignatureDatabase.Load(definitions, new SignatureLoadOptions { CacheFolder = _folder["cache"] }, TestContext.Current.CancellationToken);
    }

    private string[] Entries() => Directory.Exists(_folder["cache"]) ? Directory.GetFiles(_folder["cache"]) : [];

    private static IReadOnlyList<string> Find(SignatureDatabase database, string content)
    {
        using MemoryContent bytes = new("content", Encoding.Latin1.GetBytes(content));
        return new SignatureEngine(database).FindAll(bytes, TestContext.Current.CancellationToken);
    }
}
