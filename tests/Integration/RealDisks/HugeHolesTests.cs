using System.Security.Cryptography;
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

        ProgramRun outcome = OfflineScanProgram.Run(image, "--all", "--report", _folder["report.json"]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_folder["report.json"]));
        Assert.Equal(long.MaxValue, report.RootElement.GetProperty("summary").GetProperty("bytes").GetInt64());
    }

    [Fact]
    public void Holes_that_are_too_long_to_hash_are_incomplete_and_shorter_ones_are_hashed_to_their_end()
    {
        string image = Volume("900G", "901G", "902G", "903G", "4G");

        (ProgramRun outcome, JsonElement report) = OfflineScanProgram.RunWithReport(_folder["report.json"], image);

        Assert.Equal(2, outcome.ExitCode);
        JsonElement[] results = [.. report.GetProperty("results").EnumerateArray()];
        Assert.Equal(4, results.Count(static result => result.GetProperty("verdict").GetString() == "incomplete"));
        JsonElement hashed = Assert.Single(results, static result => result.GetProperty("length").GetInt64() == 4L << 30);
        Assert.Equal(("clean", HashOfZeros(4L << 30)), (hashed.GetProperty("verdict").GetString(), hashed.GetProperty("sha256").GetString()));
    }

    private static string HashOfZeros(long length)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] zeros = new byte[1 << 20];
        for (long done = 0; done < length; done += zeros.Length)
        {
            hash.AppendData(zeros);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
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
