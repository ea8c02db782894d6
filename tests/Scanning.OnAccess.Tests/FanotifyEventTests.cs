using System.Globalization;
using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>What the kernel writes is read within its bounds, whatever it is.</summary>
public class FanotifyEventTests
{
    /// <summary>A modification of "hello", as the kernel of a 64-bit x86 wrote it: the folder's handle and the name, then the file's handle.</summary>
    private const string Modification =
        "58000000" + "03" + "00" + "1800" + "0200000000000000" + "ffffffff" + "d2040000"
        + "02" + "00" + "2400" + "1122334455667788" + "08000000" + "01000000" + "0c00000001020304" + "68656c6c6f000000"
        + "01" + "00" + "1c00" + "1122334455667788" + "08000000" + "01000000" + "0d00000005060708";

    private const string Overflow = "18000000" + "03" + "00" + "1800" + "0040000000000000" + "ffffffff" + "00000000";

    /// <summary>A broken byte or word, and the fault that it is.</summary>
    public static TheoryData<string, int, string, string> Broken => new()
    {
        { "another version", 4, "04", "fanotify_event_metadata.Version at 0x4: 4 is not 3" },
        { "shorter than its metadata", 0, "17000000", "fanotify_event_metadata.EventLength at 0x0: 23 bytes are not from 24 to the 88 left" },
        { "longer than what is left", 0, "59000000", "fanotify_event_metadata.EventLength at 0x0: 89 bytes are not from 24 to the 88 left" },
        { "of a length that is negative", 0, "ffffffff", "fanotify_event_metadata.EventLength at 0x0: 4294967295 bytes are not from 24 to the 88 left" },
        { "metadata beyond the event", 6, "5900", "fanotify_event_metadata.MetadataLength at 0x6: 89 bytes are not from 24 to the event's 88" },
        { "a record of no length", 26, "0000", "fanotify_event_info_header.RecordLength at 0x2: 0 bytes are not from 4 to the 64 left" },
        { "a record beyond the event", 26, "4100", "fanotify_event_info_header.RecordLength at 0x2: 65 bytes are not from 4 to the 64 left" },
        { "a handle beyond its record", 36, "11000000", "fanotify_event_info_fid.HandleBytes at 0xC: 17 bytes are more than the 16 that there can be" },
        { "a handle of a negative length", 36, "ffffffff", "fanotify_event_info_fid.HandleBytes at 0xC: 4294967295 bytes are more than the 16 that there can be" },
        { "a name without an end", 52, "4141414141414141", "fanotify_event_info_fid.Length at 0x24: the name has no end" },
    };

    [Fact]
    public void A_modification_names_folder_entry_and_file()
    {
        ReadOnlySpan<byte> bytes = Convert.FromHexString(Modification + Overflow);
        FanotifyEvent change = FanotifyEvent.Take(ref bytes);

        Assert.Equal((Fan.Modify, -1, 1234), (change.Mask, change.Descriptor, change.ProcessId));
        Assert.Equal("hello"u8, change.Name);
        Assert.Equal("08000000010000000C00000001020304", Convert.ToHexString(change.Folder));
        Assert.Equal("08000000010000000D00000005060708", Convert.ToHexString(change.File));
        Assert.Equal(Fan.QueueOverflow, FanotifyEvent.Take(ref bytes).Mask);
        Assert.True(bytes.IsEmpty);
    }

    [Fact]
    public void The_kernel_tells_that_its_queue_has_overflowed()
    {
        using LoopMount mount = new("tmpfs");
        int capacity = int.Parse(File.ReadAllText("/proc/sys/fs/fanotify/max_queued_events"), CultureInfo.InvariantCulture);
        using FanotifyGroup group = FanotifyGroup.Create(Fan.ReportFileHandle | Fan.ReportFolderHandle | Fan.ReportName, Native.ReadOnly, isPermission: false);
        Assert.Equal(0, group.Mark(Fan.MarkAdd | Fan.MarkFileSystem, Fan.Create, mount.Path));

        Assert.Equal(0, mount.Shell($"i=0; while [ $i -le {capacity} ]; do : > f$i; i=$((i+1)); done").ExitCode);

        List<ulong> masks = [];
        byte[] buffer = new byte[4096];
        for (int count; (count = group.Read(buffer)) > 0;)
        {
            ReadOnlySpan<byte> events = buffer.AsSpan(0, count);
            while (!events.IsEmpty)
            {
                masks.Add(FanotifyEvent.Take(ref events).Mask);
            }
        }

        Assert.Equal(capacity, masks.Count(static mask => mask == Fan.Create));
        Assert.Equal(Fan.QueueOverflow, masks[^1]);
        Assert.Equal(capacity + 1, masks.Count);
    }

    [Fact]
    public void A_record_of_an_unknown_kind_is_passed_over()
    {
        byte[] bytes = Convert.FromHexString(Modification);
        bytes[24] = 99;
        ReadOnlySpan<byte> rest = bytes;

        FanotifyEvent change = FanotifyEvent.Take(ref rest);

        Assert.True(change.Folder.IsEmpty);
        Assert.Equal(16, change.File.Length);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_field_is_named(string because, int at, string hex, string fault)
    {
        byte[] bytes = Convert.FromHexString(Modification);
        Convert.FromHexString(hex).CopyTo(bytes, at);

        Assert.Equal((because, fault), (because, Fault(bytes)));
    }

    [Fact]
    public void Each_cut_event_is_a_fault()
    {
        byte[] bytes = Convert.FromHexString(Modification);

        Assert.All(Enumerable.Range(1, bytes.Length - 1), length => Assert.NotNull(Fault(bytes[..length])));
    }

    [Property(MaxTest = 2000)]
    public void Any_bytes_parse_or_fault(byte[] bytes) => Fault(bytes);

    [Property(MaxTest = 2000)]
    public void A_damaged_event_parses_or_faults(ushort at, byte value, ushort cut)
    {
        byte[] bytes = Convert.FromHexString(Modification + Overflow + Modification);
        bytes[at % bytes.Length] = value;

        Fault(bytes[..(cut % (bytes.Length + 1))]);
    }

    /// <summary>Takes events to the end; each is of the bytes, and takes some.</summary>
    private static string? Fault(byte[] bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        try
        {
            while (!rest.IsEmpty)
            {
                int before = rest.Length;
                FanotifyEvent change = FanotifyEvent.Take(ref rest);
                Assert.InRange(before - rest.Length, FanotifyEvent.MetadataSize, before);
                Assert.InRange(change.Folder.Length + change.File.Length + change.Name.Length, 0, before - rest.Length - FanotifyEvent.MetadataSize);
            }

            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
