using System.CommandLine;
using System.CommandLine.Parsing;
using Symantec.Virtualization.Scanning.ClamAv;
using Symantec.Virtualization.Scanning.Core;
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
        Option<string> engine = new("--engine", "-e")
        {
            Description = "What scans: built-in needs nothing installed, libclamav and clamd are an installed ClamAV in this process or as a service.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => SignatureEngine.EngineName,
        };
        engine.AcceptOnlyFromAmong(EngineChoice.Names);
        Option<string?> clamd = new("--clamd")
        {
            Description = $"Where clamd listens: the path of its socket ({ClamdOptions.DefaultSocket} by default), or HOST:PORT.",
            HelpName = "ADDRESS",
        };
        Option<bool> isolate = new("--isolate") { Description = "With libclamav: scan in processes of their own, which may crash over a hostile file." };
        Option<string?> definitions = new("--definitions", "-d")
        {
            Description =
                "Folder or file of AV definitions in ClamAV's formats, as freshclam fetches them. By default: those of an installed ClamAV, else the EICAR test file only.",
            HelpName = "DIR",
        };
        Option<bool> explain = new("--explain-definitions") { Description = "Tell what is used of the definitions and why the rest is not, instead of scanning." };
        Option<bool> signedOnly = new("--signed-only") { Description = "Use only definitions that ClamAV's publisher signed (.cvd, .cld)." };
        Option<bool> noCache = new("--no-cache") { Description = "Keep no compiled definitions for the next start, and use none." };
        Option<bool> unwanted = new("--pua") { Description = "Report potentially unwanted programs as well." };
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
        Option<int> threads = new("--threads")
        {
            Description = "How many files are read at once.",
            HelpName = "N",
            DefaultValueFactory = static _ => new ScanSessionOptions().MaxConcurrency,
        };
        threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > ScanSessionOptions.MaxMaxConcurrency)
            {
                result.AddError($"--threads takes a number from 1 to {ScanSessionOptions.MaxMaxConcurrency}.");
            }
        });
        Option<bool> quiet = new("--quiet", "-q") { Description = "Print nothing: the exit code and the reports tell all." };
        Option<bool> sample = new("--sample") { Description = "Make a small sample disk with the EICAR test file in it, and scan that." };

        RootCommand command = new(
            """
            Scans virtual disks that are not running, without mounting them.

            Exit codes: 0 nothing found, 1 something infected, 2 errors (also if a part of an image could not be scanned).
            """)
        { images, engine, clamd, isolate, definitions, explain, signedOnly, noCache, unwanted, reports, log, all, hash, allow, threads, quiet, sample, ExplainCommand.Create(), WorkerCommand.Create() };
        command.Validators.Add(result =>
        {
            string[] named = result.GetValue(images) ?? [];
            if (named.Length == 0 && !result.GetValue(sample) && !result.GetValue(explain))
            {
                result.AddError("Name an image to scan, or try --sample.");
            }

            // A name that is none has its own message already, and no value.
            string chosen = result.GetResult(engine) is { Implicit: false, Tokens: [Token name] } ? name.Value : SignatureEngine.EngineName;
            Require(result, chosen == ClamdEngine.EngineName || result.GetValue(clamd) is null, "--clamd goes with --engine clamd.");
            Require(result, chosen == LibClamAvEngine.EngineName || !result.GetValue(isolate), "--isolate goes with --engine libclamav.");
            Require(result, chosen != ClamdEngine.EngineName || result.GetValue(definitions) is null, "clamd has definitions of its own: --definitions does not go with it.");
            Require(result, chosen == SignatureEngine.EngineName || !result.GetValue(signedOnly), "--signed-only goes with --engine built-in.");
            Require(result, chosen == SignatureEngine.EngineName || !result.GetValue(explain), "--explain-definitions goes with --engine built-in.");

            // The parser takes a misspelt option for an image; nobody else does.
            foreach (string option in named.Where(static name => name.StartsWith('-') && !File.Exists(name)))
            {
                result.AddError($"Unrecognized option '{option}'.");
            }
        });
        command.SetAction((parsed, cancellationToken) => OfflineScanRun.ExecuteAsync(
            new OfflineScanArguments
            {
                Images = parsed.GetValue(images) ?? [],
                Engine = parsed.GetValue(engine)!,
                Clamd = parsed.GetValue(clamd),
                Isolate = parsed.GetValue(isolate),
                Definitions = parsed.GetValue(definitions),
                ExplainDefinitions = parsed.GetValue(explain),
                SignedOnly = parsed.GetValue(signedOnly),
                CacheDefinitions = !parsed.GetValue(noCache),
                IncludePotentiallyUnwanted = parsed.GetValue(unwanted),
                Reports = parsed.GetValue(reports) ?? [],
                Log = parsed.GetValue(log),
                ListAll = parsed.GetValue(all),
                Hash = parsed.GetValue(hash),
                AllowedFolders = parsed.GetValue(allow) ?? [],
                Threads = parsed.GetValue(threads),
                Quiet = parsed.GetValue(quiet),
                Sample = parsed.GetValue(sample),
            },
            cancellationToken));
        return command;
    }

    private static void Require(CommandResult result, bool holds, string message)
    {
        if (!holds)
        {
            result.AddError(message);
        }
    }
}
