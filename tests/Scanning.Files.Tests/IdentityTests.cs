using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files.Tests;

public sealed class IdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. LoopVolume.Kinds];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_copy_of_a_disk_has_the_identities_of_the_original(string kind)
    {
        using LoopVolume original = LoopVolume.Make(kind, _folder, "original");
        File.WriteAllText(original["file"], "content");
        original.Unmount();
        original.Mount();
        FileIdentity before = IdentityOf(original["file"]);

        using LoopVolume clone = original.Clone(_folder, "clone");

        Assert.Equal(before, IdentityOf(clone["file"]));
        Assert.DoesNotContain("device", before.Volume, StringComparison.Ordinal);
        Assert.True(before.ShowsEveryChange);
    }

    [Fact]
    public void A_copy_that_is_mounted_beside_its_original_is_not_taken_for_it()
    {
        using LoopVolume original = LoopVolume.Make("ext4", _folder, "original");
        File.WriteAllText(original["file"], "content");
        FileIdentity before = IdentityOf(original["file"]);

        using LoopVolume clone = original.Clone(_folder, "clone");
        original.Mount();

        Assert.NotEqual(before.Volume, IdentityOf(clone["file"]).Volume);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_user_can_set_the_time_of_change_back(string kind)
    {
        using LoopVolume volume = LoopVolume.Make(kind, _folder);
        File.WriteAllText(volume["file"], "content");
        FileIdentity before = IdentityOf(volume["file"]);

        File.WriteAllText(volume["file"], "CONTENT");
        Peer.Run("touch", "-d", before.Modified!.Value.ToString("yyyy-MM-dd HH:mm:ss.fffffff", null) + " UTC", volume["file"]);
        if (kind == "ntfs")
        {
            // ntfs-3g lets root set the times of creation, change and access, and moves the time of change itself.
            Peer.Run("setfattr", "-n", "system.ntfs_times", "-v", "0x" + Convert.ToHexString(Enumerable.Repeat(BitConverter.GetBytes(before.Changed!.Value.ToFileTimeUtc()), 4).SelectMany(static time => time).ToArray()), volume["file"]);
        }

        FileIdentity after = IdentityOf(volume["file"]);

        Assert.Equal(before.Size, after.Size);
        Assert.NotEqual(before.Changed, after.Changed);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_attribute_is_kept_with_the_file_and_moves_its_time_of_change(string kind)
    {
        using LoopVolume volume = LoopVolume.Make(kind, _folder);
        File.WriteAllText(volume["file"], "content");
        using LiveFile file = LiveFile.Find(volume["file"]);
        IFileAttributes attributes = file.Attributes!;
        FileIdentity before = file.Identity!;
        byte[] buffer = new byte[16];

        Assert.Equal(-1, attributes.Read("Test.Mark", buffer));
        attributes.Write("Test.Mark", "value"u8);

        Assert.Equal("value", Encoding.ASCII.GetString(buffer, 0, attributes.Read("Test.Mark", buffer)));
        Assert.Contains("user.Test.Mark", Peer.Run("getfattr", volume["file"]), StringComparison.Ordinal);
        Assert.NotEqual(before, file.Identity);
        Assert.True(attributes.Remove("Test.Mark"));
        Assert.False(attributes.Remove("Test.Mark"));
        Assert.Equal(-1, attributes.Read("Test.Mark", buffer));
    }

    [Fact]
    public void An_attribute_longer_than_what_is_asked_for_is_none()
    {
        File.WriteAllText(_folder["file"], "content");
        using LiveFile file = LiveFile.Find(_folder["file"]);
        file.Attributes!.Write("Test.Mark", new byte[100]);

        Assert.Equal(-1, file.Attributes.Read("Test.Mark", new byte[99]));
    }

    private static FileIdentity IdentityOf(string path)
    {
        using LiveFile file = LiveFile.Find(path);
        return file.Identity!;
    }
}
