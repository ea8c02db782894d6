using System.Text.Json;
using Symantec.Virtualization.Integration.CommandLine;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>The main job on real input: a disk that real tools made, scanned by the program that users run.</summary>
public sealed class RealDiskTests(RealDisk disk) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Formats =>
        ["raw", "monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "streamOptimized"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_path_size_and_hash_is_what_a_second_reader_says(string format)
    {
        RealDisk.Require();
        string image = disk.Image(format);

        (ProgramRun outcome, JsonElement report) = OfflineScanProgram.RunWithReport(_folder["report.json"], image);

        Assert.InRange(disk.Contents.Count, 2_600, int.MaxValue);
        Assert.Empty(report.GetProperty("problems").EnumerateArray());
        Assert.Equal(disk.Contents.OrderBy(static content => content.Key, StringComparer.Ordinal), Contents(report, image).OrderBy(static content => content.Key, StringComparer.Ordinal));
        Assert.Equal(1, outcome.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void EICAR_is_found_in_every_volume_on_the_screen_and_in_the_report(string format)
    {
        RealDisk.Require();
        string image = disk.Image(format);
        string[] planted = ["p1/EICAR.COM", "p1/streams/innocent.txt:payload", "p2/EICAR.COM", "p5/EICAR.COM", "p6/EICAR.COM", "p6/streams/innocent.txt:payload"];

        (ProgramRun outcome, JsonElement report) = OfflineScanProgram.RunWithReport(_folder["report.json"], image);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            planted.Select(path => $"{image}!/{path}: Eicar-Test-Signature FOUND"),
            outcome.Output.Split('\n').Select(static line => line.TrimEnd()).Where(static line => line.EndsWith("FOUND", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(
            planted.Select(path => $"{image}!/{path}"),
            report.GetProperty("results").EnumerateArray()
                .Where(static result => result.GetProperty("verdict").GetString() == "infected")
                .Select(static result => result.GetProperty("location").GetString())
                .Order(StringComparer.Ordinal));
        Assert.Equal(planted.Length, report.GetProperty("summary").GetProperty("infected").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Memory_stays_under_200_MiB(string format)
    {
        RealDisk.Require();
        Peer.Require("time");

        (ProgramRun outcome, long peak) = OfflineScanProgram.RunMeasured(disk.Image(format), "--hash", "--all", "--report", _folder["report.json"]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.InRange(peak, 20 << 20, 200 << 20);
        TestContext.Current.TestOutputHelper?.WriteLine($"{format}: {peak >> 20} MiB");
    }

    /// <summary>Reads what a report lists, a hard link under each of its names.</summary>
    private static Dictionary<string, (long Size, string Sha256)> Contents(JsonElement report, string image)
    {
        Dictionary<string, (long Size, string Sha256)> contents = [];
        foreach (JsonElement result in report.GetProperty("results").EnumerateArray())
        {
            (long Size, string Sha256) content = (result.GetProperty("length").GetInt64(), result.GetProperty("sha256").GetString()!);
            contents.Add(Path(result.GetProperty("location")), content);
            if (result.TryGetProperty("otherLocations", out JsonElement others))
            {
                foreach (JsonElement other in others.EnumerateArray())
                {
                    contents.Add(Path(other), content);
                }
            }
        }

        return contents;

        string Path(JsonElement location) => location.GetString()![(image.Length + 2)..];
    }
}
