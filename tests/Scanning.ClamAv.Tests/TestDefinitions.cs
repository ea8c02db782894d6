using System.Security.Cryptography;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>A folder of definitions of the tests' own: EICAR, a marker, and the one file that Debian's samples are made of.</summary>
public sealed class TestDefinitions : IDisposable
{
    /// <summary>What ClamAV appends to the name of a signature that its makers did not sign.</summary>
    public const string Unofficial = ".UNOFFICIAL";

    /// <summary>The name for EICAR.</summary>
    public const string EicarName = "Test.Eicar" + Unofficial;

    /// <summary>The name for <see cref="Marker"/>.</summary>
    public const string MarkerName = "Test.Marker" + Unofficial;

    /// <summary>The name for Debian's sample.</summary>
    public const string SampleName = "Test.Sample" + Unofficial;

    private readonly TemporaryFolder _folder = new();

    public TestDefinitions()
    {
        Write("test.ndb", $"Test.Eicar:0:*:{Convert.ToHexString(Eicar.Bytes)}", $"Test.Marker:0:*:{Convert.ToHexString(Marker)}");
        if (File.Exists(Sample))
        {
            byte[] sample = File.ReadAllBytes(Sample);
            Write("test.hdb", $"{Convert.ToHexStringLower(HashData(sample))}:{sample.Length}:Test.Sample");
        }
    }

    /// <summary>Gets bytes that a signature is for.</summary>
    public static byte[] Marker => "a marker that stands for malware, 0123456789"u8.ToArray();

    /// <summary>Gets the folder of Debian's package clamav-testfiles.</summary>
    public static string Samples => "/usr/share/clamav-testfiles";

    /// <summary>Gets the names of its files; where it is not installed, one, so that its test can say so.</summary>
    public static IEnumerable<string> SampleNames
    {
        get
        {
            string[] files = Directory.Exists(Samples) ? Directory.GetFiles(Samples) : [Sample];
            return files.Select(static file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal);
        }
    }

    private static string Sample => System.IO.Path.Combine(Samples, "clam.exe");

    public string Folder => _folder.Path;

    /// <summary>Writes a file of signatures.</summary>
    public void Write(string name, params string[] lines) => File.WriteAllLines(_folder[name], lines);

    public void Dispose() => _folder.Dispose();

#pragma warning disable CA5351 // ClamAV's format, not a choice.
    private static byte[] HashData(byte[] bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351
}
