using System.CommandLine;
using System.CommandLine.Parsing;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>The command line: the switches of the original tool, and more.</summary>
internal static class VieToolCommand
{
    private const string Modes = "--generate, --verify, --clear, --hash, --status and --new-key";

    /// <summary>Makes the command.</summary>
    /// <param name="machine">Tells what machine this is.</param>
    /// <param name="errors">Where the run says what could not be done.</param>
    public static RootCommand Create(Func<VirtualizationTag> machine, TextWriter errors)
    {
        Argument<string?> path = new("VOLUME-OR-PATH") { Description = "The volume or folder; for --clear and --hash also a file.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> volume = new("--volume") { Description = "The same as VOLUME-OR-PATH.", HelpName = "ARG" };
        Option<bool> generate = new("--generate") { Description = "Scan every file, mark the clean ones, and sign the seal. Run again after a patch, it scans what changed." };
        Option<bool> verify = new("--verify") { Description = "Read every file and compare it with the seal; finds also what was changed outside the running system." };
        Option<bool> clear = new("--clear") { Description = "Take the marks off; of the sealed volume or folder itself, remove the seal afterwards." };
        Option<bool> hash = new("--hash") { Description = "Compute the SHA-256 of every file: for --report and --memo." };
        Option<bool> status = new("--status") { Description = "Tell whether the volume is sealed: when, with what, by whom, and whether the signature is good." };
        Option<string?> newKey = new("--new-key") { Description = "Make a pair of keys: FILE is the private one, for the owner alone, FILE.pub the public one. Replaces nothing.", HelpName = "FILE" };

        Option<string?> key = new("--key", "-k") { Description = "The key: the private one for --generate; either one for --verify and --status.", HelpName = "FILE" };
        Option<string?> password = new("--key-password-file")
        {
            Description = $"Holds the password of the private key in its first line. By default it is taken from the environment variable {KeyFiles.PasswordVariable}.",
            HelpName = "FILE",
        };
        Option<bool> keyInImage = new("--allow-key-in-image") { Description = "Seal although the private key lies in what is sealed, and will be in every clone." };
        Option<string?> seal = new("--seal") { Description = $"Where the seal is. By default {SealPlace.Folder}/{SealPlace.FileName} in what is sealed.", HelpName = "FILE" };
        Option<bool> skipScan = new("--skip-scan") { Description = "Seal what was scanned elsewhere: files are only hashed. The seal says so." };
        Option<bool> scanAll = new("--scan-all") { Description = "Scan also what an earlier seal covers and did not change." };
        Option<bool> noMarks = new("--no-marks") { Description = "Write no marks: the seal alone serves." };
        Option<string[]> exclude = new("--exclude") { Description = "A file or folder that is left out. May be repeated.", HelpName = "PATH" };
        EngineOptions engine = new();
        Option<string[]> reports = new("--report", "-r")
        {
            Description = "Write a report: its name ends in .json (what is notable; with --verbose every file), .jsonl or .csv (every file). May be repeated.",
            HelpName = "FILE",
        };
        Option<string?> log = new("--log", "-l") { Description = "Add the lines of the run to a file.", HelpName = "FILE" };
        Option<string?> memo = new("--memo")
        {
            Description = "With --hash: keep the hashes in a memo, which spares a client of the insight cache the first hashing. What it knows already is not read again.",
            HelpName = "FILE",
        };
        Option<bool> physical = new("--allow-physical") { Description = "Seal or clear also on a machine that is not virtual." };
        Option<bool> stop = new("--stop") { Description = "Stop at the first file that cannot be sealed, read or cleared, or that differs. Otherwise the run goes on and tells of all." };
        Option<bool> silent = new("--silent", "-q") { Description = "Print nothing: the exit code, the log and the reports tell all." };
        Option<bool> verbose = new("--verbose", "-v") { Description = "Tell of every file." };
        foreach (Option<string[]> many in (Option<string[]>[])[exclude, reports])
        {
            many.Arity = ArgumentArity.OneOrMore;
            many.AllowMultipleArgumentsPerToken = false;
        }

        RootCommand command = new(
            """
            Virtual Image Exception: seals a clean base image, so that its clones skip the files that did not change.

            Exit codes: 0 everything was sealed, verified, cleared or hashed, or the volume is sealed (--status);
            1 something is infected (--generate), differs from the seal (--verify), or the seal is not believed;
            2 errors, also if a file could not be sealed, read or cleared, or the run was ended before it was through;
            3 this is not a virtual machine (--generate and --clear); 4 the command line is wrong; 5 there is no seal.
            """)
        {
            path, volume, generate, verify, clear, hash, status, newKey, key, password, keyInImage, seal, skipScan, scanAll, noMarks, exclude,
            engine.Engine, engine.Clamd, engine.Isolate, engine.Definitions, engine.SignedOnly, engine.NoCache, engine.Unwanted, engine.Threads,
            reports, log, memo, physical, stop, silent, verbose, WorkerCommand.Create(),
        };
        (VieMode Mode, Option Option)[] modes =
        [
            (VieMode.Generate, generate), (VieMode.Verify, verify), (VieMode.Clear, clear), (VieMode.Hash, hash), (VieMode.Status, status), (VieMode.NewKey, newKey),
        ];

        // What goes with which modes; all else goes with each.
        (Option Option, VieMode[] With)[] belongings =
        [
            (key, [VieMode.Generate, VieMode.Verify, VieMode.Status]),
            (password, [VieMode.Generate, VieMode.Verify, VieMode.Status, VieMode.NewKey]),
            (seal, [VieMode.Generate, VieMode.Verify, VieMode.Status, VieMode.Clear]),
            (exclude, [VieMode.Generate, VieMode.Verify, VieMode.Hash]),
            (engine.Threads, [VieMode.Generate, VieMode.Verify, VieMode.Hash]),
            (stop, [VieMode.Generate, VieMode.Verify, VieMode.Hash, VieMode.Clear]),
            (memo, [VieMode.Hash]),
            .. new Option[]
            {
                keyInImage, skipScan, scanAll, noMarks, engine.Engine, engine.Clamd, engine.Isolate, engine.Definitions, engine.SignedOnly, engine.NoCache, engine.Unwanted,
            }.Select(static option => (option, (VieMode[])[VieMode.Generate])),
        ];

        command.Validators.Add(result =>
        {
            (VieMode Mode, Option Option)[] chosen = [.. modes.Where(mode => IsGiven(result, mode.Option))];
            if (chosen.Length != 1)
            {
                result.AddError(chosen.Length == 0
                    ? $"Choose one of {Modes}."
                    : $"One run does one thing: {string.Join(" and ", chosen.Select(static mode => mode.Option.Name))} do not go together.");
                return;
            }

            VieMode mode = chosen[0].Mode;
            string? named = result.GetValue(path);
            int places = (named is null ? 0 : 1) + (IsGiven(result, volume) ? 1 : 0);
            Require(result, mode == VieMode.NewKey ? places == 0 : places == 1, mode == VieMode.NewKey
                ? "--new-key takes no volume."
                : places == 0 ? "Name the volume or folder." : "Name the volume or folder once: behind --volume or without it.");
            Require(result, named is null || !named.StartsWith('-') || Path.Exists(named), $"Unrecognized option '{named}'.");
            foreach ((Option option, VieMode[] with) in belongings)
            {
                Require(result, !IsGiven(result, option) || with.Contains(mode), $"{option.Name} does not go with {chosen[0].Option.Name}.");
            }

            Require(
                result,
                mode is not (VieMode.Generate or VieMode.Verify or VieMode.Status) || IsGiven(result, key),
                mode == VieMode.Generate ? "--generate signs with a private key: name it with --key, or make one with --new-key." : $"{chosen[0].Option.Name} believes no seal without a key: name it with --key.");
            Require(
                result,
                !result.GetValue(skipScan) || !new Option[] { engine.Engine, engine.Definitions, scanAll }.Any(option => IsGiven(result, option)),
                "--skip-scan scans nothing: --engine, --definitions and --scan-all do not go with it.");
            engine.Validate(result);
            foreach (string report in (IsGiven(result, reports) ? result.GetValue(reports) : null) ?? [])
            {
                Require(result, ReportWriters.IsKnown(report), $"--report takes a name that ends in .json, .jsonl or .csv, and {report} does not.");
            }
        });
        ForgottenValues.Refuse(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            VieMode mode = modes.Single(mode => parsed.GetResult(mode.Option) is { Implicit: false }).Mode;
            string? named = parsed.GetValue(path) ?? parsed.GetValue(volume);
            return new VieToolRun(
                new VieToolArguments
                {
                    Mode = mode,
                    Root = named is null ? "" : VolumePath.Of(named),
                    NewKey = parsed.GetValue(newKey),
                    Key = parsed.GetValue(key),
                    KeyPasswordFile = parsed.GetValue(password),
                    AllowKeyInImage = parsed.GetValue(keyInImage),
                    Seal = parsed.GetValue(seal) is { } place ? OutputPaths.Resolve(place) : null,
                    Engine = engine.Read(parsed),
                    SkipScan = parsed.GetValue(skipScan),
                    ScanAll = parsed.GetValue(scanAll),
                    NoMarks = parsed.GetValue(noMarks),
                    Excluded = [.. (parsed.GetValue(exclude) ?? []).Select(OutputPaths.Resolve)],
                    Reports = parsed.GetValue(reports) ?? [],
                    Log = parsed.GetValue(log),
                    Memo = parsed.GetValue(memo),
                    AllowPhysical = parsed.GetValue(physical),
                    Stop = parsed.GetValue(stop),
                    Silent = parsed.GetValue(silent),
                    Verbose = parsed.GetValue(verbose),
                },
                machine,
                errors).ExecuteAsync(cancellationToken);
        });
        return command;
    }

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static void Require(CommandResult result, bool holds, string message)
    {
        if (!holds)
        {
            result.AddError(message);
        }
    }
}
