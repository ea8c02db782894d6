using System.CommandLine;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>The command line.</summary>
internal static class OfflineScanCommand
{
    public static RootCommand Create()
    {
        Argument<string[]> images = new("IMAGE")
        {
            Description = "Virtual disks to scan: VMDK (the descriptor of a split disk) or raw.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        EngineOptions engine = new();
        SealOptions seals = new();
        Option<bool> explain = new("--explain-definitions") { Description = "Tell what is used of the definitions and why the rest is not, instead of scanning." };
        Option<string[]> reports = new("--report", "-r")
        {
            Description = "Write a report: one JSON document, or a line for each file and stream if the name ends in .jsonl. May be repeated.",
            HelpName = "FILE",
        };
        Option<string?> log = new("--log", "-l") { Description = "Write the lines of the scan to a file.", HelpName = "FILE" };
        Option<bool> all = new("--all", "-a") { Description = "List every file and stream, not only what was found or could not be scanned." };
        Option<bool> hash = new("--hash") { Description = "Compute the SHA-256 of every file and stream for the reports." };
        Option<string[]> allow = new("--allow-folder")
        {
            Description = "Folder whose files an image may name as its parts, besides its own folder. May be repeated.",
            HelpName = "DIR",
        };
        Option<bool> quiet = new("--quiet", "-q") { Description = "Print nothing: the exit code and the reports tell all." };
        Option<bool> sample = new("--sample") { Description = "Make a small sample disk with the EICAR test file in it, and scan that." };

        RootCommand command = new(
            """
            Scans virtual disks that are not running, without mounting them.

            Exit codes: 0 nothing found, 1 something infected, 2 errors (also if a part of an image could not be scanned).
            """)
        {
            images, engine.Engine, engine.Clamd, engine.Isolate, engine.Definitions, explain, engine.SignedOnly, engine.NoCache, engine.Unwanted,
            seals.Seal, seals.Sealed, seals.Key, seals.KeyPasswordFile, seals.Check,
            reports, log, all, hash, allow, engine.Threads, quiet, sample, ExplainCommand.Create(), WorkerCommand.Create(),
        };
        command.Validators.Add(result =>
        {
            string[] named = result.GetValue(images) ?? [];
            if (named.Length == 0 && !result.GetValue(sample) && !result.GetValue(explain))
            {
                result.AddError("Name an image to scan, or try --sample.");
            }

            engine.Validate(result);
            seals.Validate(result, named.Length);
            if (engine.Chosen(result) != SignatureEngine.EngineName && result.GetValue(explain))
            {
                result.AddError("--explain-definitions goes with --engine built-in.");
            }

            // The parser takes a misspelt option for an image; nobody else does.
            foreach (string option in named.Where(static name => name.StartsWith('-') && !File.Exists(name)))
            {
                result.AddError($"Unrecognized option '{option}'.");
            }
        });
        ForgottenValues.Refuse(command);
        command.SetAction((parsed, cancellationToken) => OfflineScanRun.ExecuteAsync(
            new OfflineScanArguments
            {
                Images = parsed.GetValue(images) ?? [],
                Engine = engine.Read(parsed),
                Seals = seals.Read(parsed),
                ExplainDefinitions = parsed.GetValue(explain),
                Reports = parsed.GetValue(reports) ?? [],
                Log = parsed.GetValue(log),
                ListAll = parsed.GetValue(all),
                Hash = parsed.GetValue(hash),
                AllowedFolders = parsed.GetValue(allow) ?? [],
                Quiet = parsed.GetValue(quiet),
                Sample = parsed.GetValue(sample),
            },
            cancellationToken));
        return command;
    }
}
