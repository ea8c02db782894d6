using System.Buffers.Binary;
using System.IO.Hashing;
using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

/// <summary>RAR archives, which no free program writes: these are made here, with members as they are.</summary>
public sealed class RarTests
{
    [Fact]
    public void Members_of_RAR_5_are_seen()
    {
        Unpacked unpacked = Unpacked.From(Rar5(("a.txt", "first"u8.ToArray(), 0), ("dir/b.txt", "second"u8.ToArray(), 0)));

        Assert.Empty(unpacked.Faults);
        Assert.Equal(["outer!/a.txt", "outer!/dir/b.txt"], unpacked.Contents.Select(static content => content.Location));
        Assert.True(unpacked.Contains("second"u8.ToArray()));
    }

    [Fact]
    public void Members_of_RAR_4_are_seen()
    {
        Unpacked unpacked = Unpacked.From(Rar4("a.txt", "first"u8.ToArray()));

        Assert.Empty(unpacked.Faults);
        Assert.True(unpacked.Contains("first"u8.ToArray()));
    }

    [Fact]
    public void A_RAR_archive_behind_a_program_is_seen()
    {
        byte[] program = ExecutableSamples.Importing("a.dll", ["b"]);

        Assert.True(Unpacked.From([.. program, .. Rar5(("a.txt", "first"u8.ToArray(), 0))]).Contains("first"u8.ToArray()));
        Assert.True(Unpacked.From([.. program, .. Rar4("a.txt", "first"u8.ToArray())]).Contains("first"u8.ToArray()));
    }

    [Fact]
    public void A_dictionary_that_is_larger_than_the_limit_is_refused_before_it_is_allocated()
    {
        const int FourGiB = (1 << 7) | (15 << 10);
        Unpacked unpacked = Unpacked.From(Rar5(("a.txt", "first"u8.ToArray(), FourGiB)));

        Assert.Empty(unpacked.Contents);
        Assert.Contains("needs a dictionary of 4,294,967,296 bytes", Assert.Single(unpacked.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_that_is_cut_off_is_incomplete()
    {
        byte[] rar = Rar5(("a.txt", new byte[1000], 0));

        Assert.NotEmpty(Unpacked.From(rar[..500]).Faults);
    }

    [Property(MaxTest = 1000)]
    public void Changed_archives_give_members_or_say_that_they_are_incomplete(bool isOld, int seed, byte changes, byte method)
    {
        byte[] bytes = new byte[300];
        Random random = new(seed);
        random.NextBytes(bytes);
        byte[] rar = isOld ? Rar4("a", bytes, (byte)(0x30 + (method % 6))) : Rar5(("a", bytes, (method % 6) << 7), ("b", bytes, 0));
        for (int i = changes % 4; i > 0; i--)
        {
            rar[random.Next(8, rar.Length)] = (byte)random.Next(256);
        }

        Unpacked unpacked = Unpacked.From(rar, new ArchiveLimits { MaxTotalLength = 4 << 20, MaxTime = TimeSpan.FromSeconds(20) });
        Assert.InRange(unpacked.Total, 0, 8 << 20);
    }

    private static byte[] Rar5(params (string Name, byte[] Bytes, int Compression)[] members)
    {
        List<byte> rar = [.. "Rar!\x1A\x07\x01\x00"u8];
        Add([1, 0, 0]);
        foreach ((string name, byte[] bytes, int compression) in members)
        {
            Add(
            [
                2, 2, .. Number(bytes.Length), 4, .. Number(bytes.Length), 0x20, .. Crc32.Hash(bytes), .. Number(compression), 1,
                .. Number(name.Length), .. System.Text.Encoding.UTF8.GetBytes(name),
            ]);
            rar.AddRange(bytes);
        }

        Add([5, 0, 0]);
        return [.. rar];

        void Add(byte[] header)
        {
            byte[] sized = [.. Number(header.Length), .. header];
            rar.AddRange(Crc32.Hash(sized));
            rar.AddRange(sized);
        }
    }

    private static byte[] Number(int value)
    {
        List<byte> bytes = [];
        for (; value > 0x7F; value >>= 7)
        {
            bytes.Add((byte)((value & 0x7F) | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Rar4(string name, byte[] bytes, byte method = 0x30)
    {
        List<byte> rar = [.. "Rar!\x1A\x07\x00"u8];
        Add([0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0]);
        byte[] file = new byte[30 + name.Length];
        file[0] = 0x74;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(1), 0x8000);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(3), (ushort)(file.Length + 2));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(5), bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(9), bytes.Length);
        file[13] = 2;
        Crc32.Hash(bytes, file.AsSpan(14));
        file[22] = 29;
        file[23] = method;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(24), (ushort)name.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(26), 0x20);
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(file, 30);
        Add(file);
        rar.AddRange(bytes);
        Add([0x7B, 0, 0x40, 7, 0]);
        return [.. rar];

        void Add(byte[] header)
        {
            rar.AddRange(Crc32.Hash(header).AsSpan(0, 2));
            rar.AddRange(header);
        }
    }
}
