using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>An image is closed wherever its listing is abandoned, also between two streams of a folder, which has no content of its own.</summary>
public sealed class AbandonedListingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_image_is_closed_after_any_number_of_contents()
    {
        Peer.Require("mkntfs", "ntfs-3g");
        Peer.RequireRoot();
        string image = Volume();

        Assert.Equal(3, Take(image, int.MaxValue));
        Assert.All([1, 2, 3], count =>
        {
            Assert.Equal(count, Take(image, count));
            Assert.DoesNotContain(image, Directory.GetFiles("/proc/self/fd").Select(static open => new FileInfo(open).LinkTarget));
        });
    }

    private static int Take(string image, int count)
    {
        int taken = 0;
        foreach (ScanContent content in new OfflineImageSource(image).Enumerate(static _ => { }, CancellationToken.None).Take(count))
        {
            taken++;
            content.Dispose();
        }

        return taken;
    }

    private string Volume()
    {
        string volume = _folder["disk.raw"];
        string mount = _folder["mount"];
        Directory.CreateDirectory(mount);
        Peer.Run("truncate", "-s", "16M", volume);
        Peer.Run("mkntfs", "-F", "-Q", volume);
        Peer.Run("ntfs-3g", "-o", "streams_interface=windows", volume, mount);
        try
        {
            Directory.CreateDirectory(Path.Combine(mount, "folder"));
            foreach (string stream in new[] { "a", "b", "c" })
            {
                File.WriteAllText(Path.Combine(mount, $"folder:{stream}"), "text");
            }
        }
        finally
        {
            Peer.Run("umount", mount);
        }

        return volume;
    }
}
