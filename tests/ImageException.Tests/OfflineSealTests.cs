using System.Text;
using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.ImageException.Tests;

/// <summary>Images that are sealed without ever being started, and scanned so.</summary>
public sealed class OfflineSealTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(true, SealCheck.Identity)]
    [InlineData(true, SealCheck.Hash)]
    [InlineData(false, SealCheck.IdentityOrHash)]
    public async Task A_copy_of_an_image_is_exempt_but_for_what_changed_in_it(bool hasJournal, SealCheck check)
    {
        using LoopVolume volume = MakeVolume(hasJournal);
        volume.Unmount();
        ScanSummary sealing = await SealAsync(_bench.Folder["volume.img"]);

        Dictionary<string, ScanResult> same = await ScanAsync(_bench.Folder["volume.img"], check);
        volume.Mount();
        File.AppendAllText(volume["changed"], "EVIL");
        volume.Unmount();
        Dictionary<string, ScanResult> changed = await ScanAsync(_bench.Folder["volume.img"], check);

        // The content of a journal that the file system has not written is a file like others.
        Assert.Equal(1, sealing.Infected);
        Assert.Equal(
            [("changed", Disposition.Skipped), ("eicar.com", Disposition.Scanned), ("kept", Disposition.Skipped), ("kept:stream", check == SealCheck.Identity ? Disposition.Skipped : Disposition.Scanned)],
            Own(same));
        Assert.Equal((Disposition.Scanned, Disposition.Skipped), (changed["changed"].Disposition, changed["kept"].Disposition));
    }

    [Fact]
    public async Task Without_a_journal_the_times_alone_are_not_believed()
    {
        using LoopVolume volume = MakeVolume(hasJournal: false);
        volume.Unmount();
        await SealAsync(_bench.Folder["volume.img"]);

        Assert.Equal(Disposition.Scanned, (await ScanAsync(_bench.Folder["volume.img"], SealCheck.Identity))["kept"].Disposition);
    }

    [Fact]
    public async Task A_file_with_an_infected_stream_is_not_sealed()
    {
        using LoopVolume volume = LoopVolume.Make("ntfs", _bench.Folder);
        File.WriteAllText(volume["carrier"], "clean by itself");
        Peer.Run("setfattr", "-n", "user.hidden", "-v", $"0x{Convert.ToHexString(Eicar.Bytes)}", volume["carrier"]);
        File.WriteAllText(volume["other"], "x");
        volume.Unmount();

        await SealAsync(_bench.Folder["volume.img"]);

        using Seal seal = Seal.Open(_bench.Folder["offline.seal"], _bench.Trust);
        Assert.Equal(["p0/other"], seal.Entries().Select(static entry => entry.Path));
    }

    [Fact]
    public async Task A_mark_that_was_written_through_ntfs_3g_is_the_stream_that_the_reader_of_images_sees()
    {
        using LoopVolume volume = LoopVolume.Make("ntfs", _bench.Folder);
        File.WriteAllText(volume["file"], "content");
        await _bench.SealAsync(volume.Path);
        Mark mark = Workbench.MarkOf(volume["file"])!.Value;
        volume.Unmount();

        ResultList results = new();
        byte[]? seen = null;
        foreach (ScanContent content in new OfflineImageSource(_bench.Folder["volume.img"]).Enumerate(static problem => Assert.Fail(problem.Message), TestContext.Current.CancellationToken))
        {
            using (content)
            {
                foreach (ScanContent stream in content.Streams)
                {
                    if (stream.Location.EndsWith($"/file:{Mark.Name}", StringComparison.Ordinal))
                    {
                        seen = new byte[stream.Length];
                        stream.Read(0, seen);
                    }

                    stream.Dispose();
                }
            }
        }

        Assert.True(Mark.TryParse(seen, out Mark read));
        Assert.Equal(mark, read);
    }

    /// <summary>Makes a volume as Windows leaves it; ntfs-3g numbers no changes, so the journal's part of an identity is written by hand.</summary>
    private LoopVolume MakeVolume(bool hasJournal)
    {
        LoopVolume volume = LoopVolume.Make("ntfs", _bench.Folder, megabytes: 64, options: "permissions");
        File.WriteAllText(volume["changed"], "original");
        File.WriteAllText(volume["kept"], "original");
        File.WriteAllBytes(volume["eicar.com"], Eicar.Bytes);
        Peer.Run("setfattr", "-n", "user.stream", "-v", "more", volume["kept"]);
        if (hasJournal)
        {
            File.WriteAllBytes(volume["$UsnJrnl"], []);
            Peer.Run("setfattr", "-n", "user.$Max", "-v", "0x" + new string('0', 32) + "0102030405060708" + new string('0', 16), volume["$UsnJrnl"]);
            volume.EditRaw(NumberChanges);
        }

        return volume;
    }

    /// <summary>Gives every file a place in the journal, and moves the journal from the root to where Windows has it, which ntfs-3g does not allow.</summary>
    /// <remarks>Record: first attribute at 0x14. Attribute: type 0x00, length 0x04, content at 0x14. Standard information: number at 0x40. File name: parent at 0x00, name at 0x42.</remarks>
    private static void NumberChanges(byte[] image)
    {
        byte[] name = Encoding.Unicode.GetBytes("$UsnJrnl");
        for (int record = 0; record < image.Length; record += 1024)
        {
            // The first ones describe the file system itself, and have copies that must agree.
            uint number = BitConverter.ToUInt32(image, record + 0x2c);
            if (!image.AsSpan(record).StartsWith("FILE"u8) || number < 24)
            {
                continue;
            }

            int attribute = record + BitConverter.ToUInt16(image, record + 0x14);
            while (BitConverter.ToInt32(image, attribute) is not -1 and int type)
            {
                int content = attribute + BitConverter.ToUInt16(image, attribute + 0x14);
                if (type == 0x10 && BitConverter.ToInt32(image, attribute + 0x10) >= 0x48)
                {
                    BitConverter.TryWriteBytes(image.AsSpan(content + 0x40), 0x1000L + number);
                }
                else if (type == 0x30 && image.AsSpan(content + 0x42).StartsWith(name))
                {
                    BitConverter.TryWriteBytes(image.AsSpan(content), 11L | (11L << 48));
                }

                attribute += BitConverter.ToInt32(image, attribute + 4);
            }
        }
    }

    private async Task<ScanSummary> SealAsync(string image)
    {
        SealBuilder builder = new(image);
        ScanSummary summary = await new OfflineScanner(_bench.Engine).ScanAsync([image], new ScanSessionOptions { SealSinks = { builder } }, TestContext.Current.CancellationToken);
        builder.Write(_bench.Folder["offline.seal"], _bench.Key);
        return summary;
    }

    private async Task<Dictionary<string, ScanResult>> ScanAsync(string image, SealCheck check)
    {
        using SealedImage seal = SealedImage.Open(_bench.Folder["offline.seal"], _bench.TrustWith(check));
        ResultList results = new();
        ScanSessionOptions session = new() { Policy = new ScanPolicy { VirtualImages = new() { OnDemand = true } }, Reports = { results } };
        foreach (IScanExemption exemption in ImageExemption.For([seal]))
        {
            session.Exemptions.Add(exemption);
        }

        await new OfflineScanner(new SignatureEngine(SignatureDatabase.Embedded)).ScanAsync([image], session, TestContext.Current.CancellationToken);
        return results.Results.ToDictionary(result => result.Location[(result.Location.IndexOf("!/p0/", StringComparison.Ordinal) + 5)..]);
    }

    private static (string, Disposition)[] Own(Dictionary<string, ScanResult> results)
        => [.. results.Where(static result => !result.Key.StartsWith('$')).OrderBy(static result => result.Key, StringComparer.Ordinal).Select(static result => (result.Key, result.Value.Disposition))];
}
