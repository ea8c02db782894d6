using System.Globalization;
using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

/// <summary>One signature and one content: what the two have to do with each other is written down, and clamscan must say the same.</summary>
/// <param name="Case">What the row shows.</param>
/// <param name="Signature">The signature, all but its name, as its database writes it.</param>
/// <param name="Content">The content.</param>
/// <param name="IsMatch">Whether they match.</param>
internal sealed record OracleRow(string Case, string Signature, byte[] Content, bool IsMatch)
{
    public OracleRow(string @case, string signature, string content, bool isMatch)
        : this(@case, signature, Encoding.Latin1.GetBytes(content), isMatch)
    {
    }
}

/// <summary>Runs rows against both engines at once.</summary>
internal static class OracleRows
{
    /// <summary>Asserts that each row is as it says, to the built-in engine and to clamscan.</summary>
    /// <param name="extension">The database's extension: <c>.ndb</c> or <c>.ldb</c>.</param>
    /// <param name="rows">The rows.</param>
    public static void Check(string extension, params OracleRow[] rows)
    {
        ClamScan.Require();
        using TemporaryFolder folder = new();
        string definitions = Directory.CreateDirectory(folder["definitions"]).FullName;
        string files = Directory.CreateDirectory(folder["files"]).FullName;
        char separator = extension == ".ldb" ? ';' : ':';
        File.WriteAllText(
            Path.Combine(definitions, $"rows{extension}"),
            string.Concat(rows.Select((row, index) => string.Create(CultureInfo.InvariantCulture, $"Row.{index}{separator}{row.Signature}\n"))),
            Encoding.Latin1);
        for (int i = 0; i < rows.Length; i++)
        {
            File.WriteAllBytes(Path.Combine(files, i.ToString(CultureInfo.InvariantCulture)), rows[i].Content);
        }

        Dictionary<string, SortedSet<string>> oracle = ClamScan.AllMatches(definitions, files);
        SignatureDatabase database = SignatureDatabase.Load(definitions, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(database.Report.Files.SelectMany(static file => file.MalformedLines));
        Assert.Empty(database.Report.LeftOut);
        SignatureEngine engine = new(database);
        List<string> wrong = [];
        for (int i = 0; i < rows.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"Row.{i}");
            using MemoryContent content = new("content", rows[i].Content);
            bool builtIn = engine.FindAll(content, TestContext.Current.CancellationToken).Contains(name);
            bool clamscan = oracle.GetValueOrDefault(i.ToString(CultureInfo.InvariantCulture))?.Contains(name) == true;
            if (builtIn != rows[i].IsMatch || clamscan != rows[i].IsMatch)
            {
                wrong.Add($"{rows[i].Case}: expected {rows[i].IsMatch}, built-in {builtIn}, clamscan {clamscan}: {rows[i].Signature}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }
}
