using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>Files of the same content in one session, and an exemption that leases contents to whoever asks first.</summary>
public class TwinTests
{
    private readonly ConcurrentDictionary<ContentHash, bool> _leases = new();
    private readonly MemoryReport _report = new();
    private readonly WordEngine _engine = new();

    [Theory]
    [InlineData("ok", 1)]
    [InlineData("virus", 1)]
    public async Task Twins_are_settled_when_the_verdict_of_the_first_was_told_and_no_time_passes(string text, int scanned)
    {
        FakeTimeProvider time = new();
        RuleExemption leasing = new(ExemptionStage.Content, question => Answer(question.Hash!.Value, time.GetUtcNow())) { OnTold = result => _leases[result.Hash!.Value] = true };

        ScanSummary summary = await new ScanSession(_engine, new ScanSessionOptions { MaxConcurrency = 2, Exemptions = { leasing }, Reports = { _report } }, time)
            .RunAsync(
                new ListSource([.. Enumerable.Range(0, 50).Select(i => CountedContent.Of($"{i}", text))]),
                TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal((50, 50 - scanned), (summary.Contents, summary.Skipped));
    }

    [Fact]
    public void A_content_that_waits_keeps_none_of_its_bytes_and_is_hashed_anew_when_it_is_scanned()
    {
        using CountedContent content = CountedContent.Of("a", "bytes");
        using ScanJob job = new(content, new HoleBudget(new ScanLimits()));
        job.Look(DateTimeOffset.UnixEpoch);
        job.KeepIfSmall();
        job.WasRead = true;

        job.PutAway();
        job.Read(0, new byte[5]);

        Assert.Equal((2, false), (content.Reads, job.WasRead));
    }

    private ExemptionAnswer Answer(ContentHash hash, DateTimeOffset now) => _leases.TryAdd(hash, false) ? ExemptionAnswer.Scan
        : _leases[hash] ? ExemptionAnswer.Skip("voted") : ExemptionAnswer.DeferUntil(now.AddSeconds(5));
}
