using System.IO.Compression;
using System.Text;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>A small disk to try the scanner on: an NTFS and a FAT32 volume with the EICAR test file in each, and once in a hidden stream.</summary>
internal sealed class SampleImage : IDisposable
{
    /// <summary>Stands in the shipped disk where the test file is to be, so that no file of the program contains the test file.</summary>
    private const string Placeholder = "THIS-PLACEHOLDER-BECOMES-THE-EICAR-TEST-FILE-WHEN-THE-SAMPLE-IS-MADE";

    /// <summary>The test file, from its end to its beginning.</summary>
    private const string BackwardsEicar = @"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\4[PA@%P!O5X";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("offline-scan-sample-");

    public SampleImage()
    {
        using Stream packed = typeof(SampleImage).Assembly.GetManifestResourceStream("sample.vmdk.gz")!;
        using GZipStream unpacked = new(packed, CompressionMode.Decompress);
        using MemoryStream image = new();
        unpacked.CopyTo(image);
        byte[] bytes = image.ToArray();
        byte[] placeholder = Encoding.ASCII.GetBytes(Placeholder);
        byte[] eicar = Encoding.ASCII.GetBytes(new string([.. BackwardsEicar.Reverse()]));
        for (int at; (at = bytes.AsSpan().IndexOf(placeholder)) >= 0;)
        {
            eicar.CopyTo(bytes, at);
        }

        File.WriteAllBytes(Path, bytes);
    }

    /// <summary>Gets where the disk is, until it is disposed.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, "sample.vmdk");

    public void Dispose() => _folder.Delete(recursive: true);
}
