using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Says from what to what a duration goes; the framework's own attribute needs reflection for that. Validators of options put the option's name in front.</summary>
/// <param name="minimum">The shortest.</param>
/// <param name="maximum">The longest.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(string minimum, string maximum) : ValidationAttribute
{
    public override bool IsValid(object? value)
        => value is TimeSpan duration && duration >= Parse(minimum) && duration <= Parse(maximum);

    public override string FormatErrorMessage(string name) => $"A duration from {minimum} to {maximum} is needed.";

    private static TimeSpan Parse(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}
