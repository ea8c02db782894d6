using System.CommandLine;
using System.CommandLine.Parsing;
using Symantec.Virtualization.Scanning.ClamAv;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>The options by which a command line asks for an engine and its definitions. A program adds those that it wants to its command.</summary>
public sealed class EngineOptions
{
    public EngineOptions()
    {
        Engine.AcceptOnlyFromAmong(EngineChoice.Names);
        Threads.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > ScanSessionOptions.MaxMaxConcurrency)
            {
                result.AddError($"--threads takes a number from 1 to {ScanSessionOptions.MaxMaxConcurrency}.");
            }
        });
    }

    public Option<string> Engine { get; } = new("--engine", "-e")
    {
        Description = "What scans: built-in needs nothing installed, libclamav and clamd are an installed ClamAV in this process or as a service.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => SignatureEngine.EngineName,
    };

    public Option<string?> Clamd { get; } = new("--clamd")
    {
        Description = $"Where clamd listens: the path of its socket ({ClamdOptions.DefaultSocket} by default), or HOST:PORT.",
        HelpName = "ADDRESS",
    };

    public Option<bool> Isolate { get; } = new("--isolate") { Description = "With libclamav: scan in processes of their own, which may crash over a hostile file." };

    public Option<string?> Definitions { get; } = new("--definitions", "-d")
    {
        Description =
            "Folder or file of AV definitions in ClamAV's formats, as freshclam fetches them. By default: those of an installed ClamAV, else the EICAR test file only.",
        HelpName = "DIR",
    };

    public Option<bool> SignedOnly { get; } = new("--signed-only") { Description = "Use only definitions that ClamAV's publisher signed (.cvd, .cld)." };

    public Option<bool> NoCache { get; } = new("--no-cache") { Description = "Keep no compiled definitions for the next start, and use none." };

    public Option<bool> Unwanted { get; } = new("--pua") { Description = "Report potentially unwanted programs as well." };

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "How many files are read at once.",
        HelpName = "N",
        DefaultValueFactory = static _ => new ScanSessionOptions().MaxConcurrency,
    };

    /// <summary>Tells which engine was chosen. A name that is none has its own message already, and no value.</summary>
    public string Chosen(CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.GetResult(Engine) is { Implicit: false, Tokens: [Token name] } ? name.Value : SignatureEngine.EngineName;
    }

    /// <summary>Adds an error for each option that does not go with the engine.</summary>
    public void Validate(CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string chosen = Chosen(result);
        Require(chosen == ClamdEngine.EngineName || result.GetValue(Clamd) is null, "--clamd goes with --engine clamd.");
        Require(chosen == LibClamAvEngine.EngineName || !result.GetValue(Isolate), "--isolate goes with --engine libclamav.");
        Require(chosen != ClamdEngine.EngineName || result.GetValue(Definitions) is null, "clamd has definitions of its own: --definitions does not go with it.");
        Require(chosen == SignatureEngine.EngineName || !result.GetValue(SignedOnly), "--signed-only goes with --engine built-in.");

        void Require(bool holds, string message)
        {
            if (!holds)
            {
                result.AddError(message);
            }
        }
    }

    /// <summary>Reads what was asked for.</summary>
    public EngineArguments Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return new EngineArguments
        {
            Engine = parsed.GetValue(Engine)!,
            Clamd = parsed.GetValue(Clamd),
            Isolate = parsed.GetValue(Isolate),
            Definitions = parsed.GetValue(Definitions),
            SignedOnly = parsed.GetValue(SignedOnly),
            CacheDefinitions = !parsed.GetValue(NoCache),
            IncludePotentiallyUnwanted = parsed.GetValue(Unwanted),
            Threads = parsed.GetValue(Threads),
        };
    }
}
