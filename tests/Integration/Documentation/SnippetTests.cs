using System.Text.RegularExpressions;

namespace Symantec.Virtualization.Integration.Documentation;

/// <summary>Every piece of C# in the documentation is a region of a test or an example that is compiled and run, word for word.</summary>
public partial class SnippetTests
{
    public static TheoryData<string> Pages => [.. Documents()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_snippet_is_a_region_of_compiled_code(string page)
    {
        Dictionary<string, string> regions = Regions();
        string text = File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n");

        Assert.Equal(Fence().Count(text), NamedFence().Count(text));
        Assert.All(NamedFence().Matches(text), snippet => Assert.Equal(regions[snippet.Groups["name"].Value], snippet.Groups["code"].Value));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_link_to_the_repository_leads_somewhere(string page)
    {
        string path = Path.Combine(Repository.Root, page);
        IEnumerable<string> targets = Link().Matches(File.ReadAllText(path)).Select(static link => link.Groups["target"].Value);

        Assert.All(targets, target => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target)), $"{page}: {target}"));
    }

    private static IEnumerable<string> Documents() => Directory
        .EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
        .Select(static path => Path.GetRelativePath(Repository.Root, path))
        .Where(static path => !path.StartsWith("artifacts", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static Dictionary<string, string> Regions()
    {
        Dictionary<string, string> regions = [];
        foreach (string folder in new[] { "tests", "examples" })
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            {
                foreach (Match region in Region().Matches(File.ReadAllText(file).ReplaceLineEndings("\n")))
                {
                    regions.Add(region.Groups["name"].Value, Unindent(region.Groups["code"].Value));
                }
            }
        }

        return regions;
    }

    private static string Unindent(string code)
    {
        string[] lines = code.Split('\n');
        int indent = lines.Where(static line => line.Length > 0).Select(static line => line.Length - line.TrimStart().Length).Min();
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")).Trim('\n') + "\n";
    }

    [GeneratedRegex("^```csharp$", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^<!-- snippet: (?<name>[a-z-]+) -->\n```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NamedFence();

    [GeneratedRegex(@"^ *#region (?<name>[a-z-]+)\n(?<code>.*?)^ *#endregion", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"\]\((?<target>[^)#:]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
