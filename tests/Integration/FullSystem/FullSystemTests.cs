using System.Text.Json;
using System.Text.Json.Nodes;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.FullSystem;

/// <summary>The whole story, over real processes and sockets.</summary>
public sealed class FullSystemTests
{
    [Theory]
    [InlineData("as root, with disks that are cloned block for block", true)]
    [InlineData("as nobody, with folders that are copied file by file", false)]
    public void A_day_of_three_desktops_comes_to_these_numbers(string how, bool asRoot)
    {
        Assert.NotEmpty(how);
        string program = Path.Combine(Repository.Root, "artifacts", "bin", "FullSystem", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "FullSystem");
        using TemporaryFolder home = new();
        if (asRoot)
        {
            Peer.RequireRoot();
            Peer.Require("mkfs.ext4");
        }
        else if (Environment.IsPrivilegedProcess)
        {
            Peer.Run("chmod", "777", home.Path);
        }

        (string Name, string Value)[] environment = [("HOME", home.Path), ("TMPDIR", home.Path)];
        ProgramRun Run() => asRoot || !Environment.IsPrivilegedProcess
            ? ProgramRun.Of(program, ["--json"], environment)
            : ProgramRun.Of("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", program, "--json"], environment);

        // A cache that is too slow to answer costs scans and nothing else, as on a machine where other tests run; these numbers are of one that answers.
        JsonNode numbers = Numbers(Run());
        for (int tries = 0; tries < 3 && !numbers["CacheAnswered"]!.GetValue<bool>(); tries++)
        {
            numbers = Numbers(Run());
        }

        Assert.Equal((240, 3), (Number(numbers, "Sealed"), Number(numbers, "Enrolled")));

        // The first desktop scans its documents and the seal, and votes; the second scans nothing.
        Assert.Equal((240, 0, 31), Scan(numbers, "FirstScan"));
        AssertScan(numbers, "SecondScan", bySeal: 240, byCache: 31, scanned: 0);

        // A changed and an infected file are scanned, and the infected one is found.
        AssertScan(numbers, "AfterChange", bySeal: 239, byCache: 31, scanned: 2);
        Assert.Equal("invoice.com: Eicar-Test-Signature", (string?)numbers["AfterChange"]!["Threats"]!.AsArray().Single());

        // New definitions: what was voted is scanned again, what was sealed is not, unless the policy sets the oldest acceptable ones.
        Assert.Equal((240, 0, 31), Scan(numbers, "AfterUpdate"));
        Assert.Equal((0, 0, 271), Scan(numbers, "WithOldestDefinitions"));

        // The recall names the right clients, and the recalled file is scanned.
        Assert.Equal(["desktop-1", "desktop-2", "desktop-3"], numbers["Relied"]!.AsArray().Select(static name => (string?)name));
        Assert.Equal(239, Scan(numbers, "AfterRecall").BySeal);

        Assert.Equal((3, 1), (Number(numbers, "OfflineInfected"), Number(numbers, "Detections")));
    }

    /// <summary>One in 200 contents that were voted clean is scanned all the same, so that a wrong verdict is found: by chance some of these.</summary>
    private static void AssertScan(JsonNode numbers, string name, long bySeal, long byCache, long scanned)
    {
        (long BySeal, long ByCache, long Scanned) scan = Scan(numbers, name);
        long audited = scan.Scanned - scanned;
        Assert.InRange(audited, 0, 5);
        Assert.Equal((bySeal, byCache), (scan.BySeal, scan.ByCache + audited));
    }

    private static JsonNode Numbers(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        return JsonNode.Parse(run.Output.Split('\n').Last(static line => line.StartsWith('{')))!;
    }

    private static long Number(JsonNode node, string name) => node[name]!.GetValue<JsonElement>().GetInt64();

    private static (long BySeal, long ByCache, long Scanned) Scan(JsonNode numbers, string name)
        => (Number(numbers[name]!, "BySeal"), Number(numbers[name]!, "ByCache"), Number(numbers[name]!, "Scanned"));
}
