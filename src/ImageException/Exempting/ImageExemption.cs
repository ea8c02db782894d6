using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Lets scans skip the unchanged files of sealed images, and takes the mark off those that changed.</summary>
/// <remarks>
/// <para>A session gets two of them, made by <c>For</c>: the first decides by identity, before a file is read; the second by hash, where the policy asks for it.
/// Auto-Protect and on-demand scans have switches of their own in the policy, both off by default.</para>
/// <para>The named streams of a file go with it: their file's identity tells of their changes as well.</para>
/// </remarks>
public sealed class ImageExemption : IScanExemption
{
    /// <summary>The name that the ledger keeps.</summary>
    public const string ExemptionName = "image-exception";

    private readonly IReadOnlyList<SealedImage> _images;
    private readonly ChangedFiles? _changed;

    private ImageExemption(IReadOnlyList<SealedImage> images, ExemptionStage stage, ChangedFiles? changed)
        => (_images, Stage, _changed) = (images, stage, changed);

    /// <inheritdoc/>
    public string Name => ExemptionName;

    /// <inheritdoc/>
    public ExemptionStage Stage { get; }

    /// <inheritdoc/>
    /// <remarks>A remembered hash is found by identity, and would miss what only reading finds.</remarks>
    public bool NeedsFreshHash => Stage == ExemptionStage.Content;

    /// <summary>Makes the exemptions of some images: put them in front of those that ask others.</summary>
    /// <param name="images">The images. They are not disposed with the exemptions.</param>
    /// <param name="logger">Where it is logged that a sealed file changed.</param>
    /// <returns>The exemptions, in the order in which they are asked.</returns>
    public static IReadOnlyList<IScanExemption> For(IReadOnlyList<SealedImage> images, ILogger<ImageExemption>? logger = null)
    {
        return For(images, new ChangedFiles(logger ?? (ILogger)NullLogger.Instance));
    }

    /// <inheritdoc/>
    public bool Serves(ScanPolicy policy, ScanTrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.VirtualImages.Covers(trigger);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ExemptionAnswer>> AskAsync(
        IReadOnlyList<ExemptionQuestion> questions, VerdictScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ExemptionAnswer[] answers = new ExemptionAnswer[questions.Count];
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = Answer(questions[i].Content, questions[i].Hash);
        }

        return ValueTask.FromResult<IReadOnlyList<ExemptionAnswer>>(answers);
    }

    /// <inheritdoc/>
    public ValueTask TellAsync(IReadOnlyList<ScanResult> results, VerdictScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(results);
        foreach (ScanResult result in results)
        {
            _changed?.TakeMarkOff(result.Location);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask EndAsync(VerdictScope scope, CancellationToken cancellationToken)
    {
        _changed?.TakeAllMarksOff();
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the exemptions; without a place for changed files, none loses its mark.</summary>
    internal static IReadOnlyList<IScanExemption> For(IReadOnlyList<SealedImage> images, ChangedFiles? changed)
    {
        ArgumentNullException.ThrowIfNull(images);
        SealedImage[] byIdentity = [.. images.Where(static image => image.Check != SealCheck.Hash)];
        SealedImage[] byHash = [.. images.Where(static image => image.Check != SealCheck.Identity)];
        return
        [
            .. byIdentity.Length > 0 ? [new ImageExemption(byIdentity, ExemptionStage.Identity, changed)] : Array.Empty<IScanExemption>(),
            .. byHash.Length > 0 ? [new ImageExemption(byHash, ExemptionStage.Content, changed)] : Array.Empty<IScanExemption>(),
        ];
    }

    private ExemptionAnswer Answer(ScanContent content, ContentHash? hash)
    {
        // The hash of a stream is not in a seal, so it goes by its file alone.
        bool isFile = content.Identity is not null;
        if ((content.Identity ?? content.OwnerIdentity) is not { } identity || (Stage == ExemptionStage.Content && (!isFile || hash is null)))
        {
            return ExemptionAnswer.Scan;
        }

        foreach (SealedImage image in _images)
        {
            SealDecision decision = image.Decide(identity, hash, out SealEntry entry);
            if (decision == SealDecision.NotSealed && hash is { } known && isFile)
            {
                decision = DecideByMark(image, content, known);
            }

            switch (decision)
            {
                case SealDecision.NotSealed:
                    continue;
                case SealDecision.Unchanged:
                    return ExemptionAnswer.Skip(image.Why);
                case SealDecision.Changed when isFile && content.Attributes is not null:
                    _changed?.Add(content.Location, entry);
                    return ExemptionAnswer.Scan;
                default:
                    return ExemptionAnswer.Scan;
            }
        }

        return ExemptionAnswer.Scan;
    }

    private static SealDecision DecideByMark(SealedImage image, ScanContent content, ContentHash hash)
    {
        try
        {
            return image.DecideByMark(content, hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A mark that cannot be read is none.
            return SealDecision.NotSealed;
        }
    }
}
