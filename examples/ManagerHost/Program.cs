using System.CommandLine;
using Symantec.Virtualization.Examples.ManagerHost;
using Symantec.Virtualization.Examples.ServiceHosting;
using HostOptions = Symantec.Virtualization.Examples.ManagerHost.HostOptions;

RootCommand root = new(
    $"""
    Manages endpoint agents: who they are, what they run on, which policy they follow, what they found.

    It is set by appsettings.json, by the environment (Manager__Port=9008) or by arguments (--Manager:Port=9008). Settings are
    {string.Join(", ", HostOptions.Names)}.
    """)
{
    TreatUnmatchedTokensAsErrors = false,
};
root.SetAction((result, token) => WithSettings(result, settings => ManagerServer.RunAsync(settings, token)));

Option<string> group = new("--group") { Description = "The path of the group that its clients come into.", DefaultValueFactory = static _ => "/" };
Option<int> hours = new("--hours") { Description = "For how many hours it counts.", DefaultValueFactory = static _ => 24 };
Option<int> uses = new("--uses") { Description = "How often it counts.", DefaultValueFactory = static _ => 1 };
Command newToken = new("new-token", "Makes a token by which machines enrol, and prints it. It needs the manager's settings, and the right to write its database.")
{
    group, hours, uses,
};
newToken.TreatUnmatchedTokensAsErrors = false;
newToken.SetAction((result, token) => WithSettings(
    result, settings => ManagerServer.MakeTokenAsync(settings, result.GetRequiredValue(group), result.GetRequiredValue(hours), result.GetRequiredValue(uses), token)));
root.Add(newToken);

// The host itself ends in good order when it is told to.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static Task<int> WithSettings(ParseResult result, Func<string[], Task<int>> run)
    => StrictSettings.AreArguments(result.UnmatchedTokens, "--Manager:Port=9008", "Manager", "Serilog") ? run([.. result.UnmatchedTokens]) : Task.FromResult(ServiceRun.WrongConfiguration);
