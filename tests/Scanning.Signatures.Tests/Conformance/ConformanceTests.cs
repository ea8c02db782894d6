using System.IO.Compression;
using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

/// <summary>For thousands of real signatures: files that each matches, and files that it just does not, must be the same to ClamAV and to the built-in engine.</summary>
public sealed class ConformanceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("main.ldb.gz", 3000)]
    [InlineData("rfxn.ndb", 1200)]
    [InlineData("urlhaus.ndb", 400)]
    [InlineData("viruses.db.gz", 800)]
    public void Clamscan_finds_the_same_in_files_made_for_real_signatures(string database, int count)
    {
        ClamScan.Require();
        string extension = Path.GetExtension(database.Replace(".gz", "", StringComparison.Ordinal));
        Random random = new(20261124);
        string[] lines = [.. Lines(database).Where(static line => line.Length > 0 && line[0] != '#')];
        random.Shuffle(lines);
        Compare(Prepare(lines, extension, count, random));
    }

    private Prepared Prepare(string[] lines, string extension, int count, Random random)
    {
        string definitions = Directory.CreateDirectory(_folder["definitions"]).FullName;
        string files = Directory.CreateDirectory(_folder["files"]).FullName;
        List<string> used = [];
        HashSet<string> forAny = [];
        foreach (string line in lines)
        {
            if (used.Count < count && SignatureSample.Read(line, extension) is { } sample)
            {
                string stem = Path.Combine(files, $"{used.Count:D5}");
                File.WriteAllBytes($"{stem}-match", sample.Match(random));
                File.WriteAllBytes($"{stem}-changed", sample.WithChangedByte(random));
                File.WriteAllBytes($"{stem}-dropped", sample.WithoutOne(random));
                used.Add(line);
                if (sample.Target == 0)
                {
                    forAny.Add(sample.Name);
                }
            }
        }

        File.WriteAllText(Path.Combine(definitions, $"sample{extension}"), string.Join('\n', used) + "\n", Encoding.Latin1);
        return new(definitions, files, used, forAny);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    public void Clamscan_finds_the_same_for_all_signatures_for_normalised_content(int target)
    {
        ClamScan.Require();
        Random random = new(20261124);
        string[] lines = [.. Lines("main.ldb.gz").Where(line => line.Contains(';', StringComparison.Ordinal) && SignatureSample.TargetOf(line) == target)];
        Prepared prepared = Prepare(lines, ".ldb", lines.Length, random);
        Assert.InRange(prepared.Used.Count, lines.Length * 8 / 10, lines.Length);
        Compare(prepared);
    }

    private static void Compare(Prepared prepared)
    {
        (string definitions, string files, List<string> used, HashSet<string> forAny) = prepared;
        Dictionary<string, SortedSet<string>> expected = ClamScan.AllMatches(definitions, files);
        SignatureEngine engine = new(SignatureDatabase.Load(definitions, cancellationToken: TestContext.Current.CancellationToken));
        List<string> differences = [];
        foreach (string path in Directory.EnumerateFiles(files).Order(StringComparer.Ordinal))
        {
            string file = Path.GetFileName(path);
            using MemoryContent content = new(path, File.ReadAllBytes(path));
            SortedSet<string> actual = new(engine.FindAll(content, TestContext.Current.CancellationToken), StringComparer.Ordinal);
            SortedSet<string> oracle = expected.GetValueOrDefault(file) ?? [];
            actual.ExceptWith(IsHtml(path) ? forAny.Except(oracle) : []);
            if (!actual.SetEquals(oracle))
            {
                differences.Add($"{file}: only clamscan [{string.Join(' ', oracle.Except(actual))}], only built-in [{string.Join(' ', actual.Except(oracle))}]: {used[int.Parse(file[..5], System.Globalization.CultureInfo.InvariantCulture)]}");
            }
        }

        int matches = expected.Keys.Count(static file => file.EndsWith("-match", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{used.Count} signatures, {matches} matched by clamscan, {differences.Count} differences");
        Assert.True(differences.Count == 0, $"{differences.Count} differences, {matches} of {used.Count} matched:\n{string.Join('\n', differences.Take(40).Select(static line => line[..Math.Min(line.Length, 400)]))}");
        Assert.True(matches > used.Count * 8 / 10, $"clamscan matches only {matches} of {used.Count}: the generator makes bad files");
    }

    /// <summary>ClamAV looks only at what it makes of an HTML page, the built-in engine at its bytes too: signatures for any content may hit there.</summary>
    private static bool IsHtml(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return Signatures.FileTypes.Identify(bytes, bytes.Length).Target == ContentTarget.Html;
    }

    /// <summary>Files made for signatures.</summary>
    /// <param name="Definitions">The folder of the signatures.</param>
    /// <param name="Files">The folder of the files.</param>
    /// <param name="Used">The signatures' lines.</param>
    /// <param name="ForAny">The names of those for any content.</param>
    private sealed record Prepared(string Definitions, string Files, List<string> Used, HashSet<string> ForAny);

    private static IEnumerable<string> Lines(string database)
    {
        string path = SharedData.Require("signatures", database);
        using Stream file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using StreamReader reader = new(stream, Encoding.Latin1);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
