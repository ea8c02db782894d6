using Symantec.Virtualization.DiskImages.Containers.Raw;
using Symantec.Virtualization.DiskImages.Containers.Vmdk;
using Symantec.Virtualization.Integration.CommandLine;
using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>A disk of 4 GiB that is mostly holes, and has a file of 3 GiB that is mostly holes, costs what is stored on it.</summary>
public sealed class MostlyHolesTests(MostlyHolesTests.HoleDisk disk) : IClassFixture<MostlyHolesTests.HoleDisk>
{
    [Theory]
    [InlineData("raw")]
    [InlineData("monolithicSparse")]
    [InlineData("streamOptimized")]
    public async Task What_is_read_is_in_proportion_to_what_is_stored(string format)
    {
        HoleDisk.Require();
        CountingFormat counter = new(format == "raw" ? new RawFormat() : new VmdkFormat());
        OfflineScannerOptions options = new();
        options.DiskImages.Containers.Insert(0, counter);

        ScanSummary summary = await new OfflineScanner(new SignatureEngine(SignatureDatabase.Embedded), options)
            .ScanAsync([disk.Image(format)], cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(summary.IsComplete);
        Assert.InRange(summary.Bytes, 3L << 30, 5L << 30);
        Assert.InRange(counter.BytesRead, HoleDisk.Written, 3 * HoleDisk.Written);
        TestContext.Current.TestOutputHelper?.WriteLine($"{format}: {HoleDisk.Written:N0} bytes written, {counter.BytesRead:N0} read");
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("streamOptimized")]
    public void Memory_stays_under_200_MiB(string format)
    {
        HoleDisk.Require();
        Peer.Require("time");

        (ProgramRun outcome, long peak) = OfflineScanProgram.RunMeasured(disk.Image(format), "-q");

        Assert.Equal(0, outcome.ExitCode);
        Assert.InRange(peak, 20 << 20, 200 << 20);
    }

    /// <summary>The disk, made when the first test asks.</summary>
    public sealed class HoleDisk : IDisposable
    {
        /// <summary>The bytes of the files that are stored.</summary>
        public const long Written = 40 << 20;

        private readonly TemporaryFolder _folder = new();

        public static void Require()
        {
            Peer.Require("mkntfs", "ntfs-3g", "qemu-img");
            Peer.RequireRoot();
        }

        public string Image(string format)
        {
            string raw = _folder["disk.raw"];
            if (!File.Exists(raw))
            {
                Make(raw);
            }

            string image = format == "raw" ? raw : _folder[$"{format}.vmdk"];
            if (!File.Exists(image))
            {
                Peer.Run("qemu-img", "convert", "-O", "vmdk", "-o", $"subformat={format}", raw, image);
            }

            return image;
        }

        public void Dispose() => _folder.Dispose();

        private void Make(string raw)
        {
            string mount = _folder["mount"];
            Directory.CreateDirectory(mount);
            Peer.Run("truncate", "-s", "4G", raw);
            Peer.Run("mkntfs", "-F", "-Q", raw);
            Peer.Run("ntfs-3g", raw, mount);
            try
            {
                Random random = new(1);
                byte[] bytes = new byte[1 << 20];
                for (int i = 0; i < Written >> 20; i++)
                {
                    random.NextBytes(bytes);
                    using FileStream file = new(Path.Combine(mount, i < 20 ? $"{i}.bin" : "sparse.bin"), FileMode.OpenOrCreate);
                    file.SetLength(i < 20 ? bytes.Length : 3L << 30);
                    file.Position = i < 20 ? 0 : (long)i * (64 << 20);
                    file.Write(bytes);
                }
            }
            finally
            {
                Peer.Run("umount", mount);
            }
        }
    }
}
