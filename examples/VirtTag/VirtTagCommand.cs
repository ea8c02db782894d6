using System.CommandLine;
using System.Text.Json;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Examples.VirtTag;

/// <summary>The command line.</summary>
internal static class VirtTagCommand
{
    /// <summary>The exit code when the command could not be carried out.</summary>
    public const int Failed = 2;

    /// <summary>The exit code of systemd-detect-virt where it finds nothing.</summary>
    private const int NoneFound = 1;

    public static RootCommand Create()
    {
        Option<bool> json = new("--json", "-j") { Description = "Print the tag report, as a client sends it to its manager." };
        Option<bool> explain = new("--explain", "-e") { Description = "List the evidence for and against each answer, and what could not be read." };
        Option<string?> systemd = new("--systemd")
        {
            Description = "Print the word of systemd-detect-virt, and end with its exit codes: 0 something found, 1 nothing. KIND is all, vm or container.",
            HelpName = "KIND",
            Arity = ArgumentArity.ZeroOrOne,
        };
        systemd.AcceptOnlyFromAmong("all", "vm", "container");
        Option<bool> virtWhat = new("--virt-what") { Description = "Print the facts of virt-what, a line each." };
        Option<string?> capture = new("--capture") { Description = "Write what was read of this machine to a file, from which it can be decided anywhere.", HelpName = "FILE" };
        Option<string?> replay = new("--replay") { Description = "Decide over a captured file instead of this machine.", HelpName = "FILE" };
        Option<bool> names = new("--names") { Description = "Keep serial numbers, UUIDs, and the names of hosts, pools and users, which are replaced otherwise." };
        Option<string> root = new("--root")
        {
            Description = "Folder that stands for the root of the file system: where a container sees its host's files.",
            HelpName = "DIR",
            DefaultValueFactory = static _ => "/",
        };

        RootCommand command = new(
            """
            Tells whether this machine is virtual, under which hypervisor, in which cloud and container, and why.

            Exit codes: 0 answered, 2 errors; with --systemd those of systemd-detect-virt.
            """)
        { json, explain, systemd, virtWhat, capture, replay, names, root };
        command.Validators.Add(result =>
        {
            int outputs = new[] { result.GetValue(json), result.GetValue(explain), result.GetResult(systemd) is { Implicit: false }, result.GetValue(virtWhat) }.Count(static chosen => chosen);
            if (outputs > 1)
            {
                result.AddError("Choose one of --json, --explain, --systemd and --virt-what.");
            }
        });
        command.SetAction(parsed =>
        {
            EvidenceSnapshot snapshot = parsed.GetValue(replay) is { } recorded
                ? Read(recorded)
                : VirtualizationDetector.Capture(new CaptureOptions { IncludeNames = parsed.GetValue(names), Root = parsed.GetValue(root)! });
            if (parsed.GetValue(capture) is { } file)
            {
                EvidenceSnapshot kept = parsed.GetValue(names) ? snapshot : snapshot.Redact();
                File.WriteAllBytes(file, kept.ToJson());
                Console.Error.WriteLine($"Captured in {file}{(kept.Redacted ? ", without the machine's numbers and names" : "")}.");
            }

            VirtualizationTag tag = VirtualizationDetector.Decide(snapshot);
            if (parsed.GetResult(systemd) is { Implicit: false })
            {
                return Systemd(tag, parsed.GetValue(systemd) ?? "all");
            }

            if (parsed.GetValue(virtWhat))
            {
                foreach (string fact in VirtWhatFacts.Of(tag))
                {
                    Console.Out.WriteLine(fact);
                }
            }
            else if (parsed.GetValue(json))
            {
                using Stream output = Console.OpenStandardOutput();
                output.Write(TagReport.Of(tag, TimeProvider.System.GetUtcNow(), TagReportReason.Startup).ToJson());
                output.Write("\n"u8);
            }
            else
            {
                Console.Out.Write(TagText.Of(tag, parsed.GetValue(explain)));
            }

            return 0;
        });
        return command;
    }

    private static EvidenceSnapshot Read(string file)
    {
        if (new FileInfo(file).Length > EvidenceSnapshot.MaxJsonLength)
        {
            throw new JsonException($"{file} is longer than {EvidenceSnapshot.MaxJsonLength} bytes.");
        }

        return EvidenceSnapshot.Parse(File.ReadAllBytes(file));
    }

    private static int Systemd(VirtualizationTag tag, string kind)
    {
        string word = kind switch
        {
            "vm" => SystemdWords.Machine(tag),
            "container" => SystemdWords.Container(tag),
            _ => SystemdWords.Of(tag),
        };
        Console.Out.WriteLine(word);
        return word == SystemdWords.None ? NoneFound : 0;
    }
}
