using System.Collections;
using Microsoft.Extensions.Time.Testing;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>An exemption that is late, or whose answer breaks when it is read, lets nothing through and holds nothing up.</summary>
public class LateExemptionTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WordEngine _engine = new();

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_scan_does_not_wait_for_an_exemption_longer_than_the_options_say(bool silent, bool deaf)
    {
        Task<ScanSummary> scan = RunAsync(new Late { IsSilent = silent, IsDeaf = deaf });
        while (!scan.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal((1, 1, true), ((await scan).Contents, (await scan).Infected, (await scan).IsComplete));
    }

    [Fact]
    public async Task An_answer_that_breaks_when_it_is_read_lets_nothing_through()
        => Assert.Equal(1, (await RunAsync(new Late { Answers = new BrokenList() })).Infected);

    private Task<ScanSummary> RunAsync(IScanExemption exemption)
        => new ScanSession(_engine, new ScanSessionOptions { Exemptions = { exemption } }, _time)
            .RunAsync(new ListSource([CountedContent.Of("a", "virus")]), TestContext.Current.CancellationToken);

    private sealed class Late : IScanExemption
    {
        public bool IsSilent { get; init; }

        public bool IsDeaf { get; init; }

        public IReadOnlyList<ExemptionAnswer> Answers { get; init; } = [ExemptionAnswer.Scan];

        public string Name => "late";

        public ExemptionStage Stage => ExemptionStage.Identity;

        public bool Serves(ScanPolicy policy, ScanTrigger trigger) => true;

        public ValueTask<IReadOnlyList<ExemptionAnswer>> AskAsync(
            IReadOnlyList<ExemptionQuestion> questions, VerdictScope scope, CancellationToken cancellationToken)
            => IsSilent ? new(new TaskCompletionSource<IReadOnlyList<ExemptionAnswer>>().Task) : new(Answers);

        public ValueTask TellAsync(IReadOnlyList<ScanResult> results, VerdictScope scope, CancellationToken cancellationToken)
            => IsDeaf ? new(new TaskCompletionSource().Task) : ValueTask.CompletedTask;
    }

    private sealed class BrokenList : IReadOnlyList<ExemptionAnswer>
    {
        public int Count => 1;

        public ExemptionAnswer this[int index] => throw new InvalidOperationException("the connection is gone");

        public IEnumerator<ExemptionAnswer> GetEnumerator() => throw new InvalidOperationException("the connection is gone");

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
