using Microsoft.Extensions.Time.Testing;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

public class ExemptionTests
{
    private readonly WordEngine _engine = new();
    private readonly MemoryReport _report = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ScanSessionOptions _options = new() { MaxConcurrency = 2 };

    public ExemptionTests() => _options.Reports.Add(_report);

    [Fact]
    public async Task An_exemption_by_identity_skips_a_file_before_it_is_read()
    {
        CountedContent known = CountedContent.Of("known", "virus");
        _options.Exemptions.Add(new RuleExemption(ExemptionStage.Identity, SkipIf("known")) { Name = "seal" });

        ScanSummary summary = await RunAsync(known, CountedContent.Of("new", "ok"));

        Assert.Equal(
            (Disposition.Skipped, "seal", "known before", (Verdict?)null),
            (Find("known").Disposition, Find("known").By, Find("known").Why, Find("known").Verdict));
        Assert.Equal((0, 1, 1), (known.Reads, known.Disposals, summary.Skipped));
        Assert.Equal(["new"], _engine.Scanned.Select(scanned => scanned.Location));
    }

    [Fact]
    public async Task An_exemption_by_content_is_asked_with_the_hash()
    {
        RuleExemption cache = new(ExemptionStage.Content, question => question.Hash == ContentHash.Compute("clean"u8) ? ExemptionAnswer.Skip("voted clean") : ExemptionAnswer.Scan);
        _options.Exemptions.Add(cache);

        await RunAsync(CountedContent.Of("a", "clean"), CountedContent.Of("b", "virus"));

        Assert.Equal(Disposition.Skipped, Find("a").Disposition);
        Assert.Equal(VerdictKind.Infected, Find("b").Verdict!.Value.Kind);
        Assert.Contains(("b", ContentHash.Compute("virus"u8)), cache.Asked);
    }

    [Fact]
    public async Task Exemptions_are_asked_in_their_order_and_only_about_what_is_still_open()
    {
        RuleExemption first = new(ExemptionStage.Identity, SkipIf("a")) { Name = "first" };
        RuleExemption second = new(ExemptionStage.Identity, SkipIf("a", "b")) { Name = "second" };
        _options.Exemptions.Add(first);
        _options.Exemptions.Add(second);

        await RunAsync(CountedContent.Of("a", "1"), CountedContent.Of("b", "2"), CountedContent.Of("c", "3"));

        Assert.Equal([("a", "first"), ("b", "second"), ("c", "words")], _report.Results.Select(result => (result.Location, result.By)).Order());
        Assert.Equal(["b", "c"], second.Asked.Select(asked => asked.Location).Order());
    }

    [Theory]
    [InlineData(ScanTrigger.AutoProtect, false)]
    [InlineData(ScanTrigger.Manual, true)]
    public async Task The_policy_says_which_scans_an_exemption_serves(ScanTrigger trigger, bool serves)
    {
        _options.Trigger = trigger;
        _options.Policy = new ScanPolicy { VirtualImages = new() { OnDemand = true } };
        _options.Exemptions.Add(new RuleExemption(ExemptionStage.Identity, SkipIf("a")) { When = static (policy, trigger) => policy.VirtualImages.Covers(trigger) });

        await RunAsync(CountedContent.Of("a", "1"));

        Assert.Equal(serves ? Disposition.Skipped : Disposition.Scanned, Find("a").Disposition);
    }

    [Fact]
    public async Task Questions_wait_a_little_for_others_so_that_one_batch_is_worth_asking()
    {
        RuleExemption cache = new(ExemptionStage.Content, static _ => ExemptionAnswer.Scan) { PreferredBatch = 10, Linger = TimeSpan.FromDays(1) };
        _options.Exemptions.Add(cache);

        await RunAsync([.. Enumerable.Range(0, 25).Select(i => CountedContent.Of($"{i}", $"{i}"))]);

        Assert.Equal(25, cache.Batches.Sum());
        Assert.True(cache.Batches.SkipLast(1).All(static batch => batch >= 10), string.Join(' ', cache.Batches));
    }

    [Fact]
    public async Task A_batch_that_waits_for_others_is_released_when_the_scan_is_ended()
    {
        using CancellationTokenSource ending = new();
        RuleExemption cache = new(ExemptionStage.Content, static _ => ExemptionAnswer.Scan) { PreferredBatch = 10, Linger = TimeSpan.FromDays(1) };
        _options.Exemptions.Add(cache);
        CountedContent content = CountedContent.Of("a", "1");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new ScanSession(_engine, _options, _time).RunAsync(new ListSource(EndingAfter(content, ending)), ending.Token));

        Assert.Equal((1, 1), (content.Disposals, cache.Ended));
    }

    [Fact]
    public async Task An_exemption_is_told_once_that_the_scan_is_over()
    {
        RuleExemption cache = new(ExemptionStage.Content, static _ => ExemptionAnswer.Scan);
        _options.Exemptions.Add(cache);

        await RunAsync(CountedContent.Of("a", "1"), CountedContent.Of("b", "2"));

        Assert.Equal((2, 1), (cache.Told.Count, cache.Ended));
    }

    [Fact]
    public async Task An_exemption_that_fails_lets_nothing_through()
    {
        _options.Exemptions.Add(new RuleExemption(ExemptionStage.Content, static _ => throw new HttpRequestException("no network")));

        await RunAsync(CountedContent.Of("a", "virus"));

        Assert.Equal(VerdictKind.Infected, Find("a").Verdict!.Value.Kind);
    }

    [Fact]
    public async Task An_exemption_that_answers_too_few_questions_lets_nothing_through()
    {
        _options.Exemptions.Add(new ShortAnswer());

        await RunAsync(CountedContent.Of("a", "virus"), CountedContent.Of("b", "ok"));

        Assert.Equal(2, _engine.Scanned.Count);
    }

    [Fact]
    public async Task Exemptions_are_told_how_scanned_contents_turned_out_and_of_no_others()
    {
        RuleExemption cache = new(ExemptionStage.Content, SkipIf("skipped"));
        _options.Exemptions.Add(cache);

        await RunAsync(
            CountedContent.Of("clean", "ok"), CountedContent.Of("infected", "virus"), CountedContent.Of("skipped", "1"), new CountedContent("encrypted", [1]) { Reason = "EFS" });

        Assert.Equal([("clean", VerdictKind.Clean), ("infected", VerdictKind.Infected)], cache.Told.Select(told => (told.Location, told.Verdict!.Value.Kind)).Order());
    }

    [Fact]
    public async Task A_deferred_content_is_asked_about_again_when_it_is_due_and_others_go_first()
    {
        bool busy = true;
        RuleExemption cache = new(ExemptionStage.Content, question => question.Content.Location != "shared" ? ExemptionAnswer.Scan
            : busy ? ExemptionAnswer.DeferUntil(_time.GetUtcNow().AddSeconds(30)) : ExemptionAnswer.Skip("scanned by another"));
        _options.Exemptions.Add(cache);
        TaskCompletionSource othersDone = new();
        _options.Reports.Add(new MemoryReport { OnResult = result => othersDone.TrySetResult() });

        Task<ScanSummary> scan = RunAsync(CountedContent.Of("shared", "1"), CountedContent.Of("own", "2"));
        await othersDone.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["own"], _report.Results.Select(result => result.Location));
        busy = false;
        await AdvanceUntilAsync(scan);

        Assert.Equal(("scanned by another", 2), (Find("shared").Why, cache.Asked.Count(asked => asked.Location == "shared")));
    }

    [Fact]
    public async Task A_content_that_is_deferred_for_ever_is_scanned_in_the_end()
    {
        _options.Exemptions.Add(new RuleExemption(ExemptionStage.Identity, _ => ExemptionAnswer.DeferUntil(_time.GetUtcNow().AddYears(1))));

        await AdvanceUntilAsync(RunAsync(CountedContent.Of("a", "virus")));

        Assert.Equal(VerdictKind.Infected, Find("a").Verdict!.Value.Kind);
    }

    [Fact]
    public async Task The_ledger_says_who_saved_what()
    {
        _options.Exemptions.Add(new RuleExemption(ExemptionStage.Identity, SkipIf("sealed")) { Name = "seal" });
        _engine.OnScan = (_, _) => _time.Advance(TimeSpan.FromSeconds(2));

        ScanSummary summary = await RunAsync(CountedContent.Of("sealed", new string('x', 3000)), CountedContent.Of("new", new string('y', 1000)));

        Assert.Equal(
            [new LedgerLine(Disposition.Scanned, "words", 1, 1000, TimeSpan.FromSeconds(2)), new LedgerLine(Disposition.Skipped, "seal", 1, 3000, TimeSpan.Zero)],
            summary.Ledger);
        Assert.Equal((3000, TimeSpan.FromSeconds(6)), (summary.BytesSaved, summary.TimeSaved));
    }

    [Fact]
    public async Task A_content_that_was_skipped_by_its_hash_saved_no_reading_and_only_the_rest_of_the_time()
    {
        _options.MaxConcurrency = 1;
        _options.Exemptions.Add(new RuleExemption(ExemptionStage.Content, SkipIf("voted")));
        CountedContent voted = CountedContent.Of("voted", new string('x', 3000));
        voted.OnRead = () => _time.Advance(TimeSpan.FromSeconds(1));
        CountedContent fresh = CountedContent.Of("new", new string('y', 1000));
        fresh.OnRead = () => _time.Advance(TimeSpan.FromSeconds(2));

        ScanSummary summary = await RunAsync(fresh, voted);

        Assert.Equal((0, 1), (summary.BytesSaved, summary.Skipped));
        TimeSpan spent = Find("voted").Elapsed;
        Assert.Equal((Find("new").Elapsed * 3) - spent, summary.TimeSaved);
        Assert.True(spent >= TimeSpan.FromSeconds(1));
    }

    private static IEnumerable<ScanContent> EndingAfter(ScanContent content, CancellationTokenSource ending)
    {
        yield return content;
        ending.Cancel();
    }

    private static Func<ExemptionQuestion, ExemptionAnswer> SkipIf(params string[] locations)
        => question => locations.Contains(question.Content.Location) ? ExemptionAnswer.Skip("known before") : ExemptionAnswer.Scan;

    private Task<ScanSummary> RunAsync(params ScanContent[] contents)
        => new ScanSession(_engine, _options, _time).RunAsync(new ListSource(contents), TestContext.Current.CancellationToken);

    private ScanResult Find(string location) => _report.Results.Single(result => result.Location == location);

    /// <summary>Lets time pass until the scan has ended; the session may wait at any moment, so time passes again and again.</summary>
    private async Task AdvanceUntilAsync(Task scan)
    {
        while (!scan.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await scan;
    }

    private sealed class ShortAnswer : IScanExemption
    {
        public string Name => "short";

        public ExemptionStage Stage => ExemptionStage.Identity;

        public bool Serves(ScanPolicy policy, ScanTrigger trigger) => true;

        public ValueTask<IReadOnlyList<ExemptionAnswer>> AskAsync(
            IReadOnlyList<ExemptionQuestion> questions, VerdictScope scope, CancellationToken cancellationToken)
            => new([.. questions.Skip(1).Select(static _ => ExemptionAnswer.Skip("sure"))]);

        public ValueTask TellAsync(IReadOnlyList<ScanResult> results, VerdictScope scope, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
