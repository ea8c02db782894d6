using System.IO.Compression;
using System.Xml.Linq;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.Packages;

/// <summary>The packages as strangers get them.</summary>
public sealed class PackageTests(PackageTests.Packed packed) : IClassFixture<PackageTests.Packed>
{
    public static TheoryData<string> Libraries =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(static folder => Path.GetFileName(folder)).Order()];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_packs_with_a_readme_symbols_and_documentation(string library)
    {
        string id = $"Symantec.Virtualization.{library}";
        using ZipArchive package = ZipFile.OpenRead(PackageOf(id, "nupkg"));
        using ZipArchive symbols = ZipFile.OpenRead(PackageOf(id, "snupkg"));

        Assert.NotNull(package.GetEntry("README.md"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.dll"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
        using Stream xml = package.GetEntry($"lib/net10.0/{id}.xml")!.Open();
        Assert.NotEmpty(XDocument.Load(xml).Descendants("summary"));
        using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        XElement metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        Assert.Equal("README.md", metadata.Elements().Single(static element => element.Name.LocalName == "readme").Value);
        Assert.NotEmpty(metadata.Elements().Single(static element => element.Name.LocalName == "description").Value);
    }

    [Fact]
    public void A_project_outside_the_solution_restores_the_packages_and_runs_the_snippet_of_the_README()
    {
        using TemporaryFolder work = new();
        string project = Path.Combine(Repository.Root, "tests", "PackageConsumer", "PackageConsumer.csproj");
        string image = work["disk.raw"];
        File.WriteAllBytes(image, new byte[1 << 20]);

        // A folder of its own for restored packages: the machine's may hold an older packing of the same version.
        string[] properties =
        [
            $"-p:RestoreAdditionalProjectSources={packed.Folder}", $"-p:RestorePackagesPath={work["packages"]}",
            $"-p:BaseIntermediateOutputPath={work["obj"]}/", $"-p:OutputPath={work["bin"]}/",
        ];
        Peer.Run("dotnet", ["build", project, "-nologo", .. properties]);
        string output = Peer.Run("dotnet", Path.Combine(work["bin"], "PackageConsumer.dll"), image);

        Assert.Contains("built-in, definitions embedded", output, StringComparison.Ordinal);
        Assert.Contains("0 contents", output, StringComparison.Ordinal);
        Assert.EndsWith("clean", output.TrimEnd(), StringComparison.Ordinal);
    }

    /// <summary>Finds the package of a library; the id of one may be the beginning of another's, and behind it stands a version.</summary>
    private string PackageOf(string id, string extension)
        => Assert.Single(Directory.GetFiles(packed.Folder, $"{id}.*.{extension}"), file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]));

    /// <summary>All libraries, packed once.</summary>
    public sealed class Packed : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Packed() => Peer.Run(
            "dotnet", "pack", Path.Combine(Repository.Root, "Symantec.Virtualization.sln"), "-nologo", "-c", "Release", "-o", _folder.Path);

        public string Folder => _folder.Path;

        public void Dispose() => _folder.Dispose();
    }
}
