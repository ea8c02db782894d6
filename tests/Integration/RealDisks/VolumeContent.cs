using System.Text;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>Fills folders with files of every kind, the same at every run.</summary>
internal sealed class VolumeContent(string folder, int seed)
{
    private static readonly string[] Words =
    [
        "report", "Übersicht", "отчёт", "資料", "données", "αρχείο", "تقرير", "a name that is quite long and has spaces", "😀", "x", "README",
    ];

    private readonly Random _random = new(seed);

    /// <summary>Writes files of many sizes into nested folders.</summary>
    /// <param name="count">How many.</param>
    /// <param name="largest">The size of one of them, in bytes; nearly all others are small.</param>
    public void WriteMany(int count, int largest)
    {
        for (int i = 0; i < count; i++)
        {
            int size = i == 0 ? largest : i % 50 == 0 ? 0 : _random.Next(1 << _random.Next(1, 18));
            string path = Path.Combine(folder, NestedFolder(i), $"{Words[_random.Next(Words.Length)]}-{i}.{(i % 3 == 0 ? "txt" : "bin")}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Bytes(size, isText: i % 3 == 0));
        }

        Write("EICAR.COM", Eicar.Bytes);
        Write("8DOT3.TXT", Bytes(700, isText: true));
    }

    /// <summary>Writes what only NTFS has; the folder must be a volume that ntfs-3g has mounted.</summary>
    public void WriteForNtfs()
    {
        Write("streams/host.txt", Bytes(50, isText: true));
        Write("streams/host.txt:Zone.Identifier", Bytes(26, isText: true));
        Write("streams/host.txt:large", Bytes(300_000, isText: false));
        Write("streams/host.txt:поток", Bytes(20, isText: true));
        Write("streams/innocent.txt", Bytes(10, isText: true));
        Write("streams/innocent.txt:payload", Eicar.Bytes);
        Write("streams/folder/inside", Bytes(10, isText: true));
        Write("streams/folder:on-a-folder", Bytes(5000, isText: true));

        Write("links/first.bin", Bytes(100_000, isText: false));
        Peer.Run("ln", Path.Combine(folder, "links/first.bin"), Path.Combine(folder, "links/second.bin"));
        Peer.Run("ln", Path.Combine(folder, "links/first.bin"), Path.Combine(folder, "third.bin"));

        Write("a file with a short name.txt", Bytes(900, isText: true));
        Peer.Run("setfattr", "-h", "-n", "system.ntfs_dos_name", "-v", "AFILEW~1.TXT", Path.Combine(folder, "a file with a short name.txt"));

        WriteSparse("sparse/hole.bin", length: 5_000_000, pieces: 0);
        WriteSparse("sparse/some.bin", length: 20_000_000, pieces: 7);
        WriteSparse("sparse/comb.bin", length: 4_000_000, pieces: 450);

        Directory.CreateDirectory(Path.Combine(folder, "packed"));
        Peer.Run("setfattr", "-h", "-n", "system.ntfs_attrib_be", "-v", "0x00000800", Path.Combine(folder, "packed"));
        Write("packed/text.txt", Bytes(3_000_000, isText: true));
        Write("packed/noise.bin", Bytes(1_000_001, isText: false));
        Write("packed/mixed.bin", [.. Bytes(100_000, isText: true), .. new byte[500_000], .. Bytes(70_000, isText: false), .. Bytes(70_001, isText: true)]);
        Write("packed/small.txt", Bytes(40, isText: true));
        WriteInTurns("pieces", files: 3, pieces: 300);
    }

    private static string NestedFolder(int i) => (i % 7) switch
    {
        0 => "",
        1 => "documents",
        2 => "documents/2026/november/drafts",
        3 => "Ünïcödé/папка/文件夹",
        4 => $"many/{i % 40}",
        5 => "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p",
        _ => "one folder with a thousand files",
    };

    private byte[] Bytes(int size, bool isText)
    {
        byte[] bytes = new byte[size];
        if (isText)
        {
            string line = $"{_random.Next()} the quick brown fox jumps over the lazy dog {seed}\r\n";
            byte[] text = Encoding.ASCII.GetBytes(line);
            for (int at = 0; at < size; at++)
            {
                bytes[at] = text[at % text.Length];
            }
        }
        else
        {
            _random.NextBytes(bytes);
        }

        return bytes;
    }

    private void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
        File.WriteAllBytes(Path.Combine(folder, path), bytes);
    }

    private void WriteSparse(string path, int length, int pieces)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
        using FileStream file = new(Path.Combine(folder, path), FileMode.Create);
        file.SetLength(length);
        for (int i = 0; i < pieces; i++)
        {
            file.Position = (long)i * length / pieces;
            file.Write(Bytes(_random.Next(1, 4000), isText: false));
        }
    }

    /// <summary>Files that grow in turns lie in pieces between each other.</summary>
    private void WriteInTurns(string name, int files, int pieces)
    {
        Directory.CreateDirectory(Path.Combine(folder, name));
        FileStream[] open = [.. Enumerable.Range(0, files).Select(i => new FileStream(Path.Combine(folder, name, $"{i}.bin"), FileMode.Create, FileAccess.Write, FileShare.None, 1))];
        for (int i = 0; i < pieces; i++)
        {
            foreach (FileStream file in open)
            {
                file.Write(Bytes(4096, isText: false));
                file.Flush(flushToDisk: true);
            }
        }

        Array.ForEach(open, static file => file.Dispose());
    }
}
