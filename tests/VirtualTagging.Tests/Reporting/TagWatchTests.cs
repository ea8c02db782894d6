using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Symantec.Virtualization.VirtualTagging.Tests;

public sealed class TagWatchTests : IDisposable
{
    private static readonly VirtualizationTag Physical = new() { Machine = MachineKind.Physical };
    private static readonly VirtualizationTag Guest = new() { Machine = MachineKind.Virtual, Role = PartitionRole.Guest };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Recorder _reporter = new();
    private readonly FakeLogger<TagWatch> _logger = new();

    private readonly SemaphoreSlim _checks = new(0);

    private VirtualizationTag _machine = Guest;
    private bool _failing;

    public void Dispose() => _checks.Dispose();

    [Fact]
    public async Task A_client_reports_when_it_starts_and_stays_silent_while_nothing_changes()
    {
        using TagWatch watch = await StartAsync();
        await ChecksAsync(3);

        Assert.Equal([TagReportReason.Startup], _reporter.Reasons);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_machine_that_became_another_is_reported_as_changed()
    {
        using TagWatch watch = await StartAsync();
        _machine = Physical;
        await ChecksAsync(2);

        Assert.Equal([TagReportReason.Startup, TagReportReason.Changed], _reporter.Reasons);
        Assert.Equal(MachineKind.Physical, _reporter.Reports[1].Tag.Machine);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_machine_that_slept_is_reported_once_it_wakes()
    {
        using TagWatch watch = await StartAsync();
        _time.AdjustTime(_time.GetUtcNow().AddHours(8));
        await ChecksAsync(2);

        Assert.Equal([TagReportReason.Startup, TagReportReason.Resume], _reporter.Reasons);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_report_that_was_not_delivered_is_due_until_it_is()
    {
        _reporter.Failures = 2;
        using TagWatch watch = await StartAsync();
        await ChecksAsync(3);

        Assert.Equal([TagReportReason.Startup, TagReportReason.Startup, TagReportReason.Startup], _reporter.Reasons);
        Assert.Equal(2, _logger.Collector.Count);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task One_reporter_that_fails_makes_the_others_hear_nothing_twice()
    {
        Recorder failing = new() { Failures = int.MaxValue };
        using TagWatch watch = new(Detect, [failing, _reporter], new TagWatchOptions(), _time, _logger);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await CheckedAsync();
        await ChecksAsync(2);

        Assert.Equal([TagReportReason.Startup], _reporter.Reasons);
        Assert.True(failing.Reports.Count >= 2);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Evidence_that_moves_is_no_change_of_the_machine()
    {
        using TagWatch watch = await StartAsync();
        _machine = Guest with { Unread = [new(EvidenceSource.Files, "/proc/1/environ", "access denied")] };
        await ChecksAsync(2);

        Assert.Equal([TagReportReason.Startup], _reporter.Reasons);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_look_that_fails_is_taken_again()
    {
        _failing = true;
        using TagWatch watch = await StartAsync();
        _failing = false;
        await ChecksAsync(2);

        Assert.Equal([TagReportReason.Startup], _reporter.Reasons);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_host_gets_the_detector_and_the_watch_once()
    {
        ServiceCollection services = new();
        services.AddVirtualTagging().AddVirtualTagging();
        using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Equal(11, provider.GetRequiredService<VirtualizationDetector>().Detect().Evidence.Count);
        Assert.Same(provider.GetRequiredService<TagWatch>(), Assert.Single(provider.GetServices<IHostedService>()));
    }

    [Theory]
    [InlineData(0, "TagWatchOptions.Interval: 00:00:00 is not from 00:00:01 to 1.00:00:00.")]
    [InlineData(90_000, "TagWatchOptions.Interval: 1.01:00:00 is not from 00:00:01 to 1.00:00:00.")]
    public void Options_that_are_wrong_say_which_and_what_is_allowed(int seconds, string message)
    {
        ServiceCollection services = new();
        services.AddVirtualTagging(options => options.Interval = TimeSpan.FromSeconds(seconds));
        using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Equal(message, Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<TagWatchOptions>>().Value).Message);
    }

    private async Task<TagWatch> StartAsync()
    {
        TagWatch watch = new(Detect, [_reporter], new TagWatchOptions(), _time, _logger);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await CheckedAsync();
        return watch;
    }

    /// <summary>Lets the time for some checks pass, each after the one before began; one more is waited for, since a check ends with its report.</summary>
    private async Task ChecksAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _time.Advance(new TagWatchOptions().Interval);
            await CheckedAsync();
        }
    }

    private VirtualizationTag Detect()
    {
        VirtualizationTag seen = _machine;
        bool fails = _failing;
        _checks.Release();
        return fails ? throw new InvalidOperationException("a broken machine") : seen;
    }

    private Task CheckedAsync() => _checks.WaitAsync(TestContext.Current.CancellationToken);

    private sealed class Recorder : ITagReporter
    {
        public List<TagReport> Reports { get; } = [];

        public IEnumerable<TagReportReason> Reasons => Reports.Select(static report => report.Reason);

        public int Failures { get; set; }

        public ValueTask ReportAsync(TagReport report, CancellationToken cancellationToken)
        {
            Reports.Add(report);
            return Failures-- > 0 ? throw new IOException("the manager is away") : ValueTask.CompletedTask;
        }
    }
}
