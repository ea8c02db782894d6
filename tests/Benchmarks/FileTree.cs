using System.Text;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>Files as a Windows disk has them: many small ones, few large ones, half of them text; the same at every run.</summary>
internal static class FileTree
{
    public static void Write(string folder, int count)
    {
        Random random = new(1);
        for (int i = 0; i < count; i++)
        {
            // Log-normal sizes: the median is 5 KiB, the mean about 65 KiB.
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            int size = (int)Math.Min(64 << 20, Math.Exp(8.5 + (2.25 * normal)));
            string path = Path.Combine(folder, $"d{i % 97}", $"e{i % 13}", $"f{i}.{(i % 2 == 0 ? "txt" : "bin")}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, i % 2 == 0 ? Text(size, i) : Noise(size, random));
        }
    }

    private static byte[] Noise(int size, Random random)
    {
        byte[] bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Text(int size, int i)
    {
        StringBuilder text = new(size + 100);
        for (int line = 0; text.Length < size; line++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{(long)i * line:X8} the quick brown fox jumps over the lazy dog\r\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, size));
    }
}
