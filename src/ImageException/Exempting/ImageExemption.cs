using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Lets scans skip the unchanged files of sealed images, and takes the mark off those that changed.</summary>
/// <remarks>
/// <para>A session gets two of them, made by <see cref="For"/>: the first decides by identity, before a file is read; the second by hash, where the policy asks for it.
/// Auto-Protect and on-demand scans have switches of their own in the policy, both off by default.</para>
/// <para>The named streams of a file go with it: their file's identity tells of their changes as well.</para>
/// </remarks>
public sealed class ImageExemption : IScanExemption
{
    /// <summary>The name that the ledger keeps.</summary>
    public const string ExemptionName = "image-exception";

    private readonly IReadOnlyList<SealedImage> _images;
    private readonly ILogger _logger;

    private ImageExemption(IReadOnlyList<SealedImage> images, ExemptionStage stage, ILogger? logger)
    {
        (_images, Stage) = (images, stage);
        _logger = logger ?? NullLogger.Instance;
    }

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
        ArgumentNullException.ThrowIfNull(images);
        SealedImage[] byIdentity = [.. images.Where(static image => image.Check != SealCheck.Hash)];
        SealedImage[] byHash = [.. images.Where(static image => image.Check != SealCheck.Identity)];
        return
        [
            .. byIdentity.Length > 0 ? [new ImageExemption(byIdentity, ExemptionStage.Identity, logger)] : Array.Empty<IScanExemption>(),
            .. byHash.Length > 0 ? [new ImageExemption(byHash, ExemptionStage.Content, logger)] : Array.Empty<IScanExemption>(),
        ];
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
    public ValueTask TellAsync(IReadOnlyList<ScanResult> results, VerdictScope scope, CancellationToken cancellationToken) => ValueTask.CompletedTask;

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
            switch (decision)
            {
                case SealDecision.NotSealed:
                    continue;
                case SealDecision.Unchanged:
                    return ExemptionAnswer.Skip(image.Why);
                case SealDecision.Changed when isFile:
                    TakeMarkOff(content, image, entry);
                    return ExemptionAnswer.Scan;
                default:
                    return ExemptionAnswer.Scan;
            }
        }

        return ExemptionAnswer.Scan;
    }

    /// <summary>Takes the mark off a file that changed. That it could not be done costs nothing: the seal does not match any more.</summary>
    private void TakeMarkOff(ScanContent content, SealedImage image, SealEntry entry)
    {
        string location = PrintableText.Escape(content.Location);
        try
        {
            bool wasMarked = image.Seal.IsMarked && content.Attributes?.Remove(Mark.Name) is true;
            Log.SealedFileChanged(_logger, location, entry.Number, wasMarked);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Log.MarkNotRemoved(_logger, location, e.Message);
        }
    }
}
