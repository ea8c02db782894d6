using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Checks the options when the host starts.</summary>
/// <remarks>Written by hand: the attribute for ranges of times needs reflection, which a native program has not.</remarks>
internal sealed class TagWatchOptionsValidator : IValidateOptions<TagWatchOptions>
{
    public ValidateOptionsResult Validate(string? name, TagWatchOptions options)
    {
        List<string> failures = [];
        Check(options.Interval, nameof(options.Interval), failures);
        Check(options.ResumeAfter, nameof(options.ResumeAfter), failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void Check(TimeSpan value, string name, List<string> failures)
    {
        if (value < TagWatchOptions.Shortest || value > TagWatchOptions.Longest)
        {
            failures.Add($"{nameof(TagWatchOptions)}.{name}: {value} is not from {TagWatchOptions.Shortest} to {TagWatchOptions.Longest}.");
        }
    }
}
