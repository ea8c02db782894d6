using System.Text.Json;
using Symantec.Virtualization.Integration.CommandLine;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>A small volume whose sparse files claim more than any disk holds, and more together than a number holds.</summary>
public sealed class HugeHolesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_that_claim_more_than_a_number_holds_are_scanned()
    {
        string image = Volume("4E", "3E", "2E", "1E");

        OfflineScanProgram.Outcome outcome = OfflineScanProgram.Run(image, "--all", "--report", _folder["report.json"]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_folder["report.json"]));
        Assert.Equal(long.MaxValue, report.RootElement.GetProperty("summary").GetProperty("bytes").GetInt64());
    }

    /// <summary>Makes an NTFS volume of 16 MiB with a sparse file of each size.</summary>
    private string Volume(params string[] sizes)
    {
        Peer.Require("mkntfs", "ntfs-3g");
        Peer.RequireRoot();
        string volume = _folder["disk.raw"];
        string mount = _folder["mount"];
        Directory.CreateDirectory(mount);
        Peer.Run("truncate", "-s", "16M", volume);
        Peer.Run("mkntfs", "-F", "-Q", volume);
        Peer.Run("ntfs-3g", volume, mount);
        try
        {
            foreach (string size in sizes)
            {
                Peer.Run("truncate", "-s", size, Path.Combine(mount, $"{size}.bin"));
            }
        }
        finally
        {
            Peer.Run("umount", mount);
        }

        return volume;
    }
}
