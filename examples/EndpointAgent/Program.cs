using System.CommandLine;
using Symantec.Virtualization.Examples.EndpointAgent;
using Symantec.Virtualization.Examples.ServiceHosting;

RootCommand root = new(
    $"""
    Protects this machine: tells its manager under what it runs, follows its policy, scans what has to be scanned, and reports.

    Settings stand in appsettings.json, in the environment (Agent__Manager), or behind the command as --Agent:Manager=https://manager:9008.
    """);
Command run = new("run", "Runs the agent until it is told to end, as a service or in a terminal.") { TreatUnmatchedTokensAsErrors = false };
run.SetAction((result, token) => StrictSettings.AreArguments(result.UnmatchedTokens, "--Agent:Manager=https://manager:9008", "Agent", "Serilog")
    ? AgentHost.RunAsync([.. result.UnmatchedTokens], token)
    : Task.FromResult(ServiceRun.WrongConfiguration));

Argument<string[]> paths = new("PATH") { Description = "Files and folders; everything that the agent scans by itself if none is named.", Arity = ArgumentArity.ZeroOrMore };
Option<string?> data = new("--data") { Description = "The data folder of the agent that is asked.", HelpName = "DIR" };
Option<bool> json = new("--json") { Description = "Print the whole answer as JSON." };
Command scan = new("scan", "Has the running agent scan files. Exit codes: 0 nothing found, 1 something infected, 2 errors.") { paths, data, json };
scan.SetAction((result, token) => ControlCommands.ScanAsync(Options(result), result.GetValue(paths) ?? [], result.GetValue(json), token));
Command status = new("status", "Prints how the running agent stands, as JSON.") { data };
status.SetAction((result, token) => ControlCommands.StatusAsync(Options(result), token));

root.Add(run);
root.Add(scan);
root.Add(status);
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

AgentOptions Options(ParseResult result)
{
    AgentOptions options = AgentHost.ReadOptions([]);
    options.Data = result.GetValue(data) ?? options.Data;
    return options;
}
