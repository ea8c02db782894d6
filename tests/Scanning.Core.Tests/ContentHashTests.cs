using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.Core.Tests;

public class ContentHashTests
{
    [Fact]
    public void The_hash_of_a_content_is_its_SHA_256()
        => Assert.Equal(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ContentHash.Compute("abc"u8).ToString());

    [Property]
    public void A_hash_reads_back_from_every_form(DoNotSize<ulong> a, DoNotSize<ulong> b)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"{a.Item:X16}{b.Item:X16}")];
        ContentHash hash = new(bytes);
        byte[] copy = new byte[ContentHash.Size];
        hash.CopyTo(copy);

        Assert.Equal(bytes, copy);
        Assert.Equal(hash, ContentHash.Parse(hash.ToString()));
        Assert.Equal(hash, ContentHash.Parse(hash.ToString().ToUpperInvariant()));
        Assert.Equal(hash, JsonSerializer.Deserialize<ContentHash>(JsonSerializer.Serialize(hash)));
    }

    [Property]
    public void Hashes_are_ordered_as_their_digits_are(byte[] a, byte[] b)
    {
        ContentHash left = ContentHash.Compute(a);
        ContentHash right = ContentHash.Compute(b);

        Assert.Equal(Math.Sign(string.CompareOrdinal(left.ToString(), right.ToString())), Math.Sign(left.CompareTo(right)));
        Assert.Equal(a.AsSpan().SequenceEqual(b), left == right);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ba78")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adff")]
    [InlineData("xx7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Anything_else_is_no_hash(string text)
    {
        Assert.False(ContentHash.TryParse(text, null, out ContentHash hash));
        Assert.Equal(default, hash);
        Assert.Throws<FormatException>(() => ContentHash.Parse(text));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ContentHash>(JsonSerializer.Serialize(text)));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void A_hash_has_32_bytes(int size) => Assert.Throws<ArgumentException>(() => new ContentHash(new byte[size]));
}
