using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Matching;

/// <summary>Only every fourth offset is looked at where all signatures have long runs: nothing may be found less often for it.</summary>
public class SparseAnchorsTests
{
    /// <summary>Its run of whole bytes is too short, so that with it every offset is looked at.</summary>
    private const string Short = "Short:0:*:ff0102030405";

    [Theory]
    [InlineData("01020304050607", true)]
    [InlineData("0102030405??01020304050607", true)]
    [InlineData("(01|0203)01020304050607", true)]
    [InlineData("0102*01020304050607", true)]
    [InlineData("010203040506", false)]
    [InlineData("010203??04050607", false)]
    public void Seven_whole_bytes_are_long_enough(string body, bool isSparse)
        => Assert.Equal(isSparse, Load([$"A:0:*:{body}"]).Tables.Image.SparseAnchorsOf(0) is not null);

    [Fact]
    public void One_short_signature_makes_every_offset_count() => Assert.Null(Load(["A:0:*:01020304050607", Short]).Tables.Image.SparseAnchorsOf(0));

    [Fact]
    public void Another_targets_short_signature_does_not()
    {
        string[] signatures = ["Any:0:*:01020304050607", "Program:6:*:010203"];
        byte[] elf = [0x7F, (byte)'E', (byte)'L', (byte)'F', 9, 1, 2, 3, 4, 5, 6, 7];

        Assert.NotNull(Load(signatures).Tables.Image.SparseAnchorsOf(0));
        Assert.Equal(["Any", "Program"], Find(signatures, elf));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256 << 10)]
    [InlineData(4 << 20)]
    public void It_is_found_wherever_it_stands(int near)
    {
        byte[] body = [1, 2, 3, 4, 5, 6, 7];
        SignatureEngine engine = new(Load(["Found:0:*:01020304050607"]));
        for (int at = Math.Max(0, near - 9); at < near + 9; at++)
        {
            byte[] content = new byte[near + 20];
            content.AsSpan().Fill(0xEE);
            body.CopyTo(content, at);
            Assert.Equal(["Found"], Find(engine, content));
            Assert.Equal(["Found"], Find(engine, content[..(at + body.Length)]));
            Assert.Empty(Find(engine, content[..(at + body.Length - 1)]));
        }
    }

    [Fact]
    public void The_same_is_found_as_at_every_offset()
    {
        Random random = new(20261126);
        string[] pieces = ["01", "02", "01", "02", "01", "02", "01", "02", "??", "0?", "(01|0202)", "{2}", "(01|02)"];
        int found = 0;
        for (int round = 0; round < 400; round++)
        {
            string[] signatures = [.. Enumerable.Range(0, 10).Select(number => $"S{number}:0:{Offset(random)}:{Body(random, pieces)}")];
            string[] both = [.. signatures, Short];
            SignatureEngine sparse = new(Load(signatures));
            SignatureEngine each = new(Load(both));
            for (int content = 0; content < 10; content++)
            {
                byte[] bytes = new byte[random.Next(5, 300)];
                for (int i = 0; i < bytes.Length; i++)
                {
                    bytes[i] = (byte)random.Next(1, 3);
                }

                IReadOnlyList<string> expected = Find(each, bytes);
                Assert.Equal(expected, Find(sparse, bytes));
                found += expected.Count;
            }
        }

        Assert.InRange(found, 1000, int.MaxValue);
    }

    private static string Offset(Random random) => random.Next(4) switch { 0 => $"{random.Next(20)},{random.Next(40)}", 1 => $"EOF-{random.Next(8, 60)}", _ => "*" };

    /// <summary>A run that is long enough, with anything in front of it and behind it.</summary>
    private static string Body(Random random, string[] pieces)
    {
        string run = string.Concat(Enumerable.Range(0, random.Next(7, 10)).Select(_ => $"0{random.Next(1, 3)}"));
        string before = string.Concat(random.GetItems(pieces, random.Next(4)));
        string behind = string.Concat(random.GetItems(pieces, random.Next(4)));
        return before + run + behind;
    }

    private static SignatureDatabase Load(string[] lines)
    {
        SignatureDatabase database = SignatureDatabase.Load(
            [DefinitionFile.FromMemory("a.ndb", Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"))], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(lines.Length, database.Report.Loaded);
        return database;
    }

    private static IReadOnlyList<string> Find(string[] signatures, byte[] content) => Find(new SignatureEngine(Load(signatures)), content);

    private static IReadOnlyList<string> Find(SignatureEngine engine, byte[] content)
        => engine.FindAll(new MemoryContent("a.bin", content), TestContext.Current.CancellationToken);
}
