using System.Security.Cryptography;

namespace Symantec.Virtualization.DiskImages.Tests;

/// <summary>Ways to read a source that tests share.</summary>
internal static class Reading
{
    /// <summary>Reads all of a source at once.</summary>
    public static byte[] ToArray(this ByteSource source)
    {
        byte[] bytes = new byte[source.Length];
        Assert.Equal(bytes.Length, source.Read(0, bytes));
        return bytes;
    }

    /// <summary>Reads all of a source in steps of a size, so that steps begin and end everywhere.</summary>
    public static byte[] ToArray(this ByteSource source, int step)
    {
        byte[] bytes = new byte[source.Length];
        for (int at = 0; at < bytes.Length; at += step)
        {
            source.ReadExactly(at, bytes.AsSpan(at, Math.Min(step, bytes.Length - at)), "test");
        }

        return bytes;
    }

    /// <summary>Reads only what is stored, and leaves zeros where the source says that there is a hole.</summary>
    public static byte[] ToArrayByRuns(this ByteSource source)
    {
        byte[] bytes = new byte[source.Length];
        for (long at = 0; at < source.Length;)
        {
            ByteRun run = source.RunAt(at);
            Assert.InRange(run.Length, 1, source.Length - at);
            if (run.IsStored)
            {
                source.ReadExactly(at, bytes.AsSpan((int)at, (int)run.Length), "test");
            }

            at += run.Length;
        }

        return bytes;
    }

    public static string Sha256(this ByteSource source)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] window = new byte[64 << 10];
        for (long at = 0; ;)
        {
            int read = source.Read(at, window);
            if (read == 0)
            {
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            }

            hash.AppendData(window, 0, read);
            at += read;
        }
    }

    /// <summary>Asserts that an action finds a fault, and returns it.</summary>
    public static ImageFault Faults(Action action) => Assert.Throws<ImageFormatException>(action).Fault;
}
