using System.Diagnostics;
using System.Text.Json;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>The program <c>VieTool</c>, run as its users run it, with a key of its own.</summary>
internal sealed class VieToolProgram
{
    private static readonly LiveVolumes Volumes = new();

    private readonly TemporaryFolder _folder;

    public VieToolProgram(TemporaryFolder folder)
    {
        _folder = folder;
        Key = folder["vie.pem"];
        using SealKey key = SealKey.Create();
        File.WriteAllText(Key, key.ToPem());
        File.WriteAllText(PublicKey, key.PublicKey.ToPem());
        Trust = SealTrust.In(key.PublicKey);
    }

    public string Key { get; }

    public string PublicKey => Key + ".pub";

    public SealTrust Trust { get; }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "VieTool.dll");

    /// <summary>Runs the program to its end.</summary>
    public static ProgramRun Run(params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Program, .. arguments]);

    /// <summary>Runs the program to its end, with a variable of its environment set.</summary>
    public static ProgramRun RunWith((string Name, string Value) environment, params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Program, .. arguments], environment);

    /// <summary>Starts the program; who reads its lines sees it at work.</summary>
    public static Process Start(params IEnumerable<string> arguments)
        => Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true })!;

    // The machine that runs the tests may be physical; that is another test's concern.
    public string[] GenerateArguments(string root) => [root, "--generate", "--key", Key, "--allow-physical", "--no-cache", "--definitions", Definitions()];

    public static string[] ClearArguments(string root) => [root, "--clear", "--allow-physical"];

    public string[] VerifyArguments(string root) => [root, "--verify", "--key", PublicKey];

    public ProgramRun Generate(string root, params IEnumerable<string> more) => Run([.. GenerateArguments(root), .. more]);

    public ProgramRun Verify(string root, params IEnumerable<string> more) => Run([.. VerifyArguments(root), .. more]);

    public static ProgramRun Clear(string root, params IEnumerable<string> more) => Run([.. ClearArguments(root), .. more]);

    public ProgramRun Status(string root, params IEnumerable<string> more) => Run([root, "--status", "--key", PublicKey, .. more]);

    /// <summary>Reads a report.</summary>
    public static JsonElement Read(string report)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(report));
        return document.RootElement.Clone();
    }

    public static Mark? MarkOf(string path)
    {
        using LiveFile file = Volumes.Find(path);
        return Mark.Of(file);
    }

    /// <summary>Finds the files whose mark neither the seal nor the unfinished seal covers.</summary>
    public List<string> Uncovered(string root)
    {
        List<Seal> seals = [];
        List<string> uncovered = [];
        try
        {
            foreach (string path in new[] { SealPlace.Of(root), SealPlace.CheckpointOf(SealPlace.Of(root)) }.Where(File.Exists))
            {
                seals.Add(Seal.OpenUnfinished(path, Trust));
            }

            foreach (LiveFile file in new LiveFileSource(root).EnumerateFiles(static problem => Assert.Fail(problem.Message), TestContext.Current.CancellationToken))
            {
                using (file)
                {
                    if (Mark.Of(file) is { } mark
                        && !seals.Exists(seal => seal.ImageId == mark.ImageId && seal.TryFind(file.Identity!, out SealEntry entry) && !entry.IsVoid && entry.Number == mark.Entry))
                    {
                        uncovered.Add(file.Location);
                    }
                }
            }
        }
        finally
        {
            seals.ForEach(static seal => seal.Dispose());
        }

        return uncovered;
    }

    /// <summary>Definitions of the test's own: those of the machine take longer to load than all the rest.</summary>
    private string Definitions()
    {
        string folder = Directory.CreateDirectory(_folder["definitions"]).FullName;
        File.WriteAllText(Path.Combine(folder, "local.hsb"), "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f:68:Local.Name\n");
        return folder;
    }
}
