using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Matching;

/// <summary>Damages lines of signatures at random places, and scans contents that are put together of their bytes.</summary>
public static class DamagedSignatures
{
    /// <summary>What signatures are written with.</summary>
    private const string Characters = "0123456789abcdefABCDEF?*{}()[]!|-:;,&=<>/.+#$ ";

    private static readonly string[] Bodies =
    [
        "S:0:*:6162636465666768",
        "S:0:EOF-20,8:6162??64{2-5}65666768",
        "S:1:EP+0,10:(6162|63)6465666768*6162",
        "S:7:*:6162(B)6364[1-4]65",
        "S:3:0:3c68746d6c3e!(61|62)6162",
        "S:0:*:61626364{-8}!(6566|6768)6162(L)",
    ];

    private static readonly string[] Logical =
    [
        "L;Target:0;(0&1)|2>1;6162636465;*:66676861::i;6768",
        "L;Engine:51-255,Target:0;0=2,3&(1|2);6162;6364::aw;61??63::f",
        "L;Target:0,FileSize:1-500;0&1;616263;0/[a-f]{2,}g?/g",
        "L;Target:0;0&1>0;6162;0(>>2#he2#=25444)",
    ];

    private static readonly string[] Beginnings = ["", "", "MZ", "\u007FELF", "<html><script>", "From: a\nContent-Type: ", "PK\u0003\u0004", "%PDF-1.4\n"];

    /// <summary>Loads and scans: a line is used, left out or malformed, and a content gets a verdict whatever the lines say.</summary>
    /// <param name="seed">Chooses the damage; the same seed is the same damage.</param>
    public static void Scan(int seed)
    {
        Random random = new(seed);
        string[] bodies = [.. random.GetItems(Bodies, 5).Select(line => Damage(line, random))];
        string[] logical = [.. random.GetItems(Logical, 5).Select(line => Damage(line, random))];
        SignatureDatabase database = SignatureDatabase.Load(
            [DefinitionFile.FromMemory("a.ndb", Bytes(bodies)), DefinitionFile.FromMemory("a.ldb", Bytes(logical))], cancellationToken: CancellationToken.None);
        SignatureEngine engine = new(database);
        for (int i = 0; i < 10; i++)
        {
            using MemoryContent content = new("a.bin", Content(random));
            VerdictKind verdict = engine.Scan(content, hash: null, CancellationToken.None).Verdict.Kind;
            IReadOnlyList<string> threats = engine.FindAll(content, CancellationToken.None);
            Assert.Equal(threats.Count > 0, verdict == VerdictKind.Infected);
        }
    }

    private static string Damage(string line, Random random)
    {
        StringBuilder damaged = new(line);
        for (int i = random.Next(4); i > 0; i--)
        {
            int at = random.Next(damaged.Length);
            char other = Characters[random.Next(Characters.Length)];
            _ = random.Next(3) switch
            {
                0 => damaged.Remove(at, 1),
                1 => damaged.Insert(at, other),
                _ => damaged.Remove(at, 1).Insert(at, other),
            };
        }

        return damaged.ToString();
    }

    private static byte[] Content(Random random)
    {
        StringBuilder text = new(random.GetItems(Beginnings, 1)[0]);
        for (int i = random.Next(60); i > 0; i--)
        {
            text.Append(random.Next(8) switch
            {
                0 => "\0",
                1 => "\n",
                2 => "abcdefgh",
                3 => "<html>ab",
                4 => ((char)random.Next(256)).ToString(),
                _ => ((char)('a' + random.Next(8))).ToString(),
            });
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static byte[] Bytes(string[] lines) => Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n");
}
