namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>What holds for one kind of request; travels with it through the handlers.</summary>
/// <param name="Timeout">How long all attempts may take together; <see langword="null"/> for the usual time.</param>
/// <param name="MaxAnswer">The longest answer that is read, in bytes.</param>
/// <param name="MayRepeat">Whether it is sent once more if its connection turns out to be closed.</param>
internal sealed record RequestRules(TimeSpan? Timeout, int MaxAnswer, bool MayRepeat)
{
    /// <summary>A frame is 1 KiB at most; an answer that says what is wrong is longer.</summary>
    public const int MaxFrameAnswer = 16 << 10;

    /// <summary>Some ten thousand recalls, or all lanes of a large site.</summary>
    public const int MaxDocument = 8 << 20;

    public static readonly HttpRequestOptionsKey<RequestRules> Key = new("insight cache");

    private static readonly RequestRules Usual = new(null, MaxDocument, MayRepeat: false);

    public static RequestRules Of(HttpRequestMessage? request) => request is not null && request.Options.TryGetValue(Key, out RequestRules? rules) ? rules : Usual;
}
