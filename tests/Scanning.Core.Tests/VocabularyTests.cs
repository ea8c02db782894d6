namespace Symantec.Virtualization.Scanning.Core.Tests;

/// <summary>What the words of the vocabulary promise.</summary>
public class VocabularyTests
{
    [Fact]
    public void A_verdict_that_nobody_gave_is_not_clean()
    {
        Assert.Equal(VerdictKind.Failed, default(Verdict).Kind);
        Assert.NotEmpty(default(Verdict).Detail);
        Assert.False(default(Verdict).IsComplete);
    }

    [Fact]
    public void An_answer_that_nobody_gave_is_to_scan() => Assert.Equal(ExemptionKind.Scan, default(ExemptionAnswer).Kind);

    [Fact]
    public void Only_scans_of_the_whole_content_are_complete()
    {
        Assert.True(Verdict.Clean.IsComplete);
        Assert.True(Verdict.Infected("X").IsComplete);
        Assert.False(Verdict.Incomplete("limit").IsComplete);
        Assert.False(Verdict.Failed("unreadable").IsComplete);
    }

    [Fact]
    public void A_finding_without_a_name_or_a_reason_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Verdict.Infected(""));
        Assert.Throws<ArgumentException>(() => Verdict.Incomplete(""));
        Assert.Throws<ArgumentException>(() => ExemptionAnswer.Skip(""));
    }

    [Fact]
    public void Profiles_are_the_same_for_the_same_options_in_any_order_and_for_no_others()
    {
        ScanProfile profile = Profile(("archives", "on"), ("limit", "10"));

        Assert.Equal(profile, Profile(("limit", "10"), ("archives", "on")));
        Assert.NotEqual(profile, Profile(("archives", "on"), ("limit", "11")));
        Assert.NotEqual(Profile(("a", "bc")), Profile(("ab", "c")));
        Assert.Equal(16, profile.Digest.Length);
    }

    private static ScanProfile Profile(params (string Name, string Value)[] options)
        => ScanProfile.Of(options.Select(static option => KeyValuePair.Create(option.Name, option.Value)));
}
