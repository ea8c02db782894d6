using Symantec.Virtualization.DiskImages.FileSystems.Fat;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems;

/// <summary>Damages a tiny volume at random places, and reads all that is left of it.</summary>
public static class DamagedVolume
{
    /// <summary>More than any undamaged volume of these tests holds; damage that claims more is read no further.</summary>
    private const long MostBytesRead = 64 << 20;

    /// <summary>Damages and reads a volume: only <see cref="ImageFormatException"/> may come of it, and no more is read than is there.</summary>
    /// <param name="name">The volume: <c>ntfs</c>, <c>fat12</c>, <c>fat16</c> or <c>fat32</c>.</param>
    /// <param name="seed">Chooses the damage; the same seed is the same damage.</param>
    public static void Read(string name, int seed)
    {
        Random random = new(seed);
        byte[] original = TinyImage.Load(name).Bytes;
        Dictionary<long, byte> patches = [];
        for (int i = random.Next(1, 20); i > 0; i--)
        {
            patches[DamagingPlace(name, original, random)] = random.Next(4) == 0 ? (byte)0xFF : (byte)random.Next(256);
        }

        // One volume in four is cut as well.
        long length = random.Next(4) == 0 ? random.Next(original.Length) : original.Length;
        using PatchedSource volume = new(new MemorySource(original), patches, length);
        try
        {
            ReadEverything(Open(volume));
        }
        catch (ImageFormatException e)
        {
            Assert.NotEmpty(e.Fault.Structure);
        }

        Assert.InRange(volume.BytesRead, 0, 4 * MostBytesRead);
    }

    /// <summary>Cuts a volume: what is missing is a fault or an unreadable file, and what is left is what it was.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="length">How many bytes are left.</param>
    public static void Cut(string name, int length)
    {
        TinyImage image = TinyImage.Load(name);
        using PatchedSource volume = new(new MemorySource(image.Bytes), new Dictionary<long, byte>(), length);
        bool isFaulty = false;
        Dictionary<string, string> read = [];
        try
        {
            foreach (FileEntry entry in Open(volume).EnumerateEntries(_ => isFaulty = true).Where(static entry => !entry.IsMetadata))
            {
                foreach (DataStream stream in entry.Streams)
                {
                    foreach (string path in entry.Paths)
                    {
                        read[stream.Name.Length == 0 ? path : $"{path}:{stream.Name}"] = HashByRuns(stream);
                    }
                }
            }
        }
        catch (ImageFormatException)
        {
            isFaulty = true;
        }

        foreach ((string path, (long _, string hash)) in image.Contents)
        {
            // Nothing was changed but the end, so that no hash may differ: each is there, or its file or the volume says why not.
            string? found = read.GetValueOrDefault(path);
            Assert.True(found == hash || found == Unreadable || (found is null && isFaulty), $"{name} cut to {length}: {path} is {found ?? "gone"}");
        }
    }

    private const string Unreadable = "unreadable";

    /// <summary>Hashes a stream as a scan does: holes are believed, and not read.</summary>
    private static string HashByRuns(DataStream stream)
    {
        try
        {
            using ByteSource content = stream.Open();
            return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content.ToArrayByRuns()));
        }
        catch (ImageFormatException)
        {
            return Unreadable;
        }
    }

    internal static FileSystem Open(ByteSource volume)
        => new NtfsFormat().Recognizes(volume) ? new NtfsFormat().Open(volume) : new FatFormat().Open(volume);

    /// <summary>Picks a place where damage matters: three of four in the structures of the file system, one of four anywhere.</summary>
    private static long DamagingPlace(string name, byte[] image, Random random) => random.Next(8) switch
    {
        0 or 1 => random.Next(image.Length),
        2 => random.Next(512),
        _ when name == "ntfs" => (BitConverter.ToInt64(image, 0x30) * 512) + random.Next(110 * 1024),
        _ => random.Next(64 << 10),
    };

    private static void ReadEverything(FileSystem fileSystem)
    {
        long budget = MostBytesRead;
        byte[] window = new byte[64 << 10];
        int streams = 0;
        foreach (DataStream stream in fileSystem.EnumerateEntries(static _ => { }).SelectMany(static entry => entry.Streams))
        {
            Assert.InRange(++streams, 0, 1_000_000);
            try
            {
                using ByteSource content = stream.Open();
                for (long at = 0; at < content.Length && budget > 0; at += window.Length)
                {
                    ByteRun run = content.RunAt(at);
                    budget -= run.IsStored ? content.Read(at, window) : 1024;
                }
            }
            catch (ImageFormatException e)
            {
                Assert.NotEmpty(e.Fault.Structure);
            }
        }
    }
}
