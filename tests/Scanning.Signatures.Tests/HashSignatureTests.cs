using System.Text;
using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

public class HashSignatureTests
{
    private const string Md5 = "44d88612fea8a8f36de82e1278abb02f";
    private const string Sha1 = "3395856ce81f2b7382dee72602f798b642f14140";
    private const string Sha256 = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";

    public static TheoryData<string, string, string> Malformed => new()
    {
        { "one field", "nonsense", "line" },
        { "too few fields", $"{Md5}:68", "line" },
        { "too many fields", $"{Md5}:68:Name:1:2:3", "line" },
        { "a hash that is too short", "44d88612:68:Name", "hash" },
        { "a hash with other letters", $"zz{Md5[2..]}:68:Name", "hash" },
        { "an empty size", $"{Md5}::Name", "size" },
        { "a negative size", $"{Md5}:-1:Name", "size" },
        { "a size of nothing", $"{Md5}:0:Name", "size" },
        { "a size that is too large", $"{Md5}:4294967295:Name", "size" },
        { "a size with letters behind it", $"{Md5}:68x:Name", "size" },
        { "no name", $"{Md5}:68:", "name" },
        { "a size with two signs", $"{Md5}:++68:Name", "size" },
        { "any size without the level that understands it", $"{Md5}:*:Name", "minimum level" },
        { "any size for a level that is too low", $"{Md5}:*:Name:72", "minimum level" },
    };

    [Theory]
    [InlineData(Md5 + ":68:Eicar-Test-Signature", "Md5", 68u, "Eicar-Test-Signature")]
    [InlineData(Sha1 + ":68:Some.Name-1", "Sha1", 68u, "Some.Name-1")]
    [InlineData(Sha256 + ":4294967294:X:73", "Sha256", 4294967294u, "X")]
    [InlineData(Sha256 + ":*:X:73:255", "Sha256", 0u, "X")]
    [InlineData(Md5 + ":5:empty-level:", "Md5", 5u, "empty-level")]
    [InlineData(Md5 + ":5:space-behind:73 ", "Md5", 5u, "space-behind")]
    [InlineData(Md5 + ":5:no-number:x", "Md5", 5u, "no-number")]
    [InlineData(Md5 + ":+5:plus", "Md5", 5u, "plus")]
    [InlineData(Md5 + ": 5:space", "Md5", 5u, "space")]
    public void A_signature_is_read_by_the_length_of_its_hash(string line, string algorithm, uint size, string name)
    {
        Assert.Equal(DefinitionLineKind.Signature, Parse(line, out HashSignature signature));
        Assert.Equal((algorithm, size, name), (signature.Algorithm.ToString(), signature.Size, Encoding.UTF8.GetString(signature.Name)));
    }

    [Theory]
    [InlineData(Md5 + ":68:Name:217")]
    [InlineData(Md5 + ":68:Name:73:215")]
    [InlineData(Md5 + ":weird:Name:300")]
    [InlineData(Md5 + ":68:Name:300:x")]
    [InlineData(Md5 + ":68:Name:1:")]
    [InlineData(Md5 + ":68:Name:1:x")]
    [InlineData(Md5 + ":68:Name:1:-1")]
    public void A_signature_for_other_versions_is_told_apart(string line) => Assert.Equal(DefinitionLineKind.OtherLevel, Parse(line, out _));

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_line_names_the_field(string because, string line, string field)
    {
        Assert.Equal(DefinitionLineKind.Malformed, HashSignature.Parse(Encoding.UTF8.GetBytes(line), HashFieldOrder.HashFirst, out _, out string wrong, out string detail));
        Assert.Equal(field, wrong);
        Assert.NotEmpty(detail);
        Assert.NotEmpty(because);
    }

    [Property(MaxTest = 500)]
    public void Any_line_is_something(byte[] bytes, bool headed)
    {
        DefinitionLineKind kind = HashSignature.Parse(headed ? [.. Encoding.ASCII.GetBytes(Md5 + ":"), .. bytes] : bytes, HashFieldOrder.HashFirst, out _, out string field, out _);

        Assert.Equal(kind == DefinitionLineKind.Malformed, field.Length > 0);
    }

    private static DefinitionLineKind Parse(string line, out HashSignature signature) => HashSignature.Parse(Encoding.UTF8.GetBytes(line), HashFieldOrder.HashFirst, out signature, out _, out _);
}
