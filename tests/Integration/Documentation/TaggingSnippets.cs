using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Symantec.Virtualization.VirtualTagging;

#pragma warning disable xUnit1051 // The snippets are written as their readers will write them, outside tests.

namespace Symantec.Virtualization.Integration.Documentation;

/// <summary>The snippets of virtual tagging, each run once.</summary>
[Collection(nameof(Console))]
public sealed class TaggingSnippets : IDisposable
{
    private readonly TextWriter _console = Console.Out;
    private readonly StringWriter _output = new();

    public TaggingSnippets() => Console.SetOut(_output);

    public void Dispose()
    {
        Console.SetOut(_console);
        _output.Dispose();
    }

    [Fact]
    public void Tag_this_machine()
    {
        #region tag-this-machine
        VirtualizationTag tag = new VirtualizationDetector().Detect();

        Console.WriteLine($"{tag.Machine} {tag.Hypervisor?.Name} {tag.Role} {tag.Cloud?.Name} {tag.Container?.Runtime}");
        foreach (AxisEvidence answer in tag.Evidence)
        {
            foreach (Finding finding in answer.For)
            {
                Console.WriteLine($"{answer.Axis} {answer.Answer}: {finding.Source} {finding.Key} = {finding.Value} ({finding.Weight})");
            }
        }
        #endregion

        Assert.StartsWith(tag.Machine.ToString(), _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_over_a_snapshot()
    {
        #region decide-over-a-snapshot
        byte[] json = VirtualizationDetector.Capture().ToJson();                    // on the machine that somebody asks about

        VirtualizationTag tag = VirtualizationDetector.Decide(EvidenceSnapshot.Parse(json));   // anywhere
        #endregion

        Assert.Equal(new VirtualizationDetector().Detect().Hypervisor, tag.Hypervisor);
    }

    [Fact]
    public async Task Report_tags()
    {
        ServiceCollection services = new();

        #region report-tags
        services.AddVirtualTagging(options => options.Interval = TimeSpan.FromMinutes(10));
        services.AddSingleton<ITagReporter, ConsoleReporter>();
        #endregion

        ConsoleReporter reporter = new();
        services.AddSingleton<ITagReporter>(reporter);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IHostedService watch = Assert.Single(provider.GetServices<IHostedService>());
        await watch.StartAsync(TestContext.Current.CancellationToken);
        TagReport report = await reporter.First.WaitAsync(TestContext.Current.CancellationToken);
        await watch.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TagReportReason.Startup, report.Reason);
    }

    private sealed class ConsoleReporter : ITagReporter
    {
        private readonly TaskCompletionSource<TagReport> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TagReport> First => _first.Task;

        public ValueTask ReportAsync(TagReport report, CancellationToken cancellationToken)
        {
            Console.WriteLine($"{report.Reason}: {report.VirtualizationPlatform}");
            _first.TrySetResult(report);
            return ValueTask.CompletedTask;
        }
    }
}
