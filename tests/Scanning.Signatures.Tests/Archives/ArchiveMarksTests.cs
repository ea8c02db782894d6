using System.IO.Compression;
using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

public sealed class ArchiveMarksTests
{
    private static readonly byte[][] Marks = [[.. "PK\x03\x04"u8], [.. "Rar!\x1A\x07"u8], [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], [.. "MSCF"u8]];

    [Property(MaxTest = 500)]
    public void Marks_are_found_wherever_the_bytes_are_cut(int seed)
    {
        Random random = new(seed);
        byte[] bytes = new byte[400];
        List<ArchiveMark> expected = [];
        for (int at = random.Next(20); at < bytes.Length - 6; at += random.Next(6, 90))
        {
            int kind = random.Next(Marks.Length);
            Marks[kind].CopyTo(bytes, at);
            expected.Add(new ArchiveMark(at, (EmbeddedKind)kind));
        }

        ArchiveMarks marks = new();
        for (int at = 0, count; at < bytes.Length; at += count)
        {
            count = Math.Min(random.Next(1, random.Next(2) == 0 ? 4 : 120), bytes.Length - at);
            marks.Append(at, bytes.AsSpan(at, count));
        }

        Assert.Equal(expected, marks.Noted);
    }

    [Fact]
    public void Bytes_on_both_sides_of_a_hole_make_no_mark()
    {
        ArchiveMarks marks = new();
        marks.Append(0, "..Ra"u8);
        marks.Append(8, "r!.."u8);

        Assert.Empty(marks.Noted);
    }

    [Fact]
    public void An_archive_behind_marks_that_are_none_is_opened()
    {
        byte[] text = [.. "PK\x03\x04 Rar!\x1A\x07 MSCF\0\0\0\0 are marks."u8];

        Unpacked unpacked = Unpacked.From([.. "GIF89a"u8, .. text, .. text, .. Zip("hidden"u8)]);

        Assert.Empty(unpacked.Faults);
        Assert.True(unpacked.Contains([.. "hidden"u8]));
    }

    [Fact]
    public void A_content_that_is_full_of_marks_is_incomplete()
    {
        byte[] marks = [.. Enumerable.Repeat(Marks[0], ArchiveMarks.MaxOfKind + 1).SelectMany(static mark => mark)];

        Assert.Empty(Unpacked.From([.. "GIF89a"u8, .. marks[4..]]).Faults);
        Assert.Contains("more than 1,024 marks of archives", Assert.Single(Unpacked.From([.. "GIF89a"u8, .. marks, .. Zip("hidden"u8)]).Faults), StringComparison.Ordinal);
    }

    private static byte[] Zip(ReadOnlySpan<byte> bytes)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        using (Stream member = archive.CreateEntry("a.txt").Open())
        {
            member.Write(bytes);
        }

        return stream.ToArray();
    }
}
