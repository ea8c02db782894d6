using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>Many machines that begin the same scan together.</summary>
public class FleetTests
{
    private const int Machines = 30;
    private const int Contents = 500;

    [Fact]
    public async Task Each_content_is_scanned_about_once_by_the_fleet_and_decided_once_by_each_machine()
    {
        await using LiveServer server = await StartAsync();
        List<Machine> machines = [.. Enumerable.Range(0, Machines).Select(_ => new Machine(server.OptionsFor("scanner"), new CountingEngine()))];

        MemoryReport[] reports = await Task.WhenAll(machines.Select(static machine => Task.Run(() => machine.ScanAsync(Words.Numbered(Contents)))));

        int scans = machines.Sum(static machine => machine.Engine.Scanned.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{scans} scans of {Contents} contents");
        Assert.InRange(scans, Contents, Contents * 1.05);
        Assert.All(reports, static report => Assert.Equal((Contents, Contents), (report.Results.Count, report.Results.DistinctBy(static result => result.Location).Count())));
        foreach (Machine machine in machines)
        {
            await machine.DisposeAsync();
        }
    }

    [Fact]
    public async Task Machines_that_are_ended_in_the_middle_leave_their_contents_to_the_others()
    {
        await using LiveServer server = await StartAsync();
        using CancellationTokenSource ending = new();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CountingEngine killed = new();
        killed.OnScan = (_, token) =>
        {
            // It holds leases for a whole batch by now, so it comes to its end before it is through.
            begun.TrySetResult();
            if (killed.Scanned.Count > 20)
            {
                ending.Cancel();
                token.ThrowIfCancellationRequested();
            }
        };
        await using Machine first = new(server.OptionsFor("scanner"), killed);
        await using Machine second = new(server.OptionsFor("scanner"), new CountingEngine());

        Task ended = Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.ScanAsync(Words.Numbered(Contents), ending.Token));
        await begun.Task;
        MemoryReport report = await second.ScanAsync(Words.Numbered(Contents));
        await ended;

        Assert.Equal(Contents, report.Results.DistinctBy(static result => result.Location).Count());
        Assert.DoesNotContain(report.Results, static result => result.Disposition == Disposition.Skipped && result.By != "insight cache");
    }

    private static async Task<LiveServer> StartAsync()
        => await (await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)])).WithAsync(new CountingEngine());
}
