using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Says what is wrong with options, and what is allowed.</summary>
internal sealed class InsightCacheClientOptionsValidator : IValidateOptions<InsightCacheClientOptions>
{
    private const int MaxName = 64;

    /// <summary>Checks options that no host checks.</summary>
    /// <exception cref="OptionsValidationException">They are wrong.</exception>
    public static void Require(InsightCacheClientOptions options)
    {
        List<string> failures = Check(options);
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(InsightCacheClientOptions), failures);
        }
    }

    public ValidateOptionsResult Validate(string? name, InsightCacheClientOptions options)
        => Check(options) is { Count: > 0 } failures ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;

    private static List<string> Check(InsightCacheClientOptions options)
    {
        List<string> failures = [];
        if (options.Address is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" })
        {
            failures.Add("Address: an absolute http or https address is needed, without a query and without credentials.");
        }

        bool isSecure = options.Address is { IsAbsoluteUri: true, Scheme: "https" };
        Check(options.PinnedKey is null || isSecure, "PinnedKey: a key is shown only by an https address.");
        Check(options.ClientCertificate is null || isSecure, "ClientCertificate: a certificate is shown only to an https address.");
        Check(options.ClientCertificate is not { HasPrivateKey: false }, "ClientCertificate: its private key is missing.");
        Check(options.ApiKey is null || options.UserName is null, "ApiKey: it is shown instead of UserName and Password, not together with them.");
        Check(options.UserName is null == options.Password is null, "Password: it is needed together with UserName.");
        Check(options.ApiKey is null || IsVisible(options.ApiKey), "ApiKey: visible ASCII characters are needed.");
        Check(options.UserName?.Contains(':', StringComparison.Ordinal) is not true, "UserName: a colon is not allowed.");
        Check(
            options.ClientName is { Length: > 0 and <= MaxName } name && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'),
            $"ClientName: 1 to {MaxName} letters, digits or hyphens are needed.");
        Range(options.LatencyBudget, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(30));
        Range(options.RequestTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Range(options.EndTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Range(options.RememberedVerdicts, 3, 10_000_000);
        Range(options.RememberedFor, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        Range(options.RecallsKnownFor, TimeSpan.Zero, TimeSpan.FromHours(1));
        Range(options.AuditShare, 0, 1);
        Range(options.MaxQueuedVotes, 1, 1_000_000);
        Range(options.VoteBatch, 1, Routes.MaxBatch);
        Range(options.VoteLinger, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        return failures;

        void Check(bool holds, string failure)
        {
            if (!holds)
            {
                failures.Add(failure);
            }
        }

        void Range<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string option = "")
            where T : IComparable<T>
            => Check(
                value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0,
                string.Create(CultureInfo.InvariantCulture, $"{option[(option.IndexOf('.', StringComparison.Ordinal) + 1)..]}: {value} is not from {least} to {most}."));
    }

    private static bool IsVisible(string text) => text.Length > 0 && text.All(static c => c is > ' ' and <= '~');
}
