using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>What a run can go on from: the checkpoint of one that was interrupted, and the last seal. Both must be signed with this run's own key.</summary>
internal sealed class EarlierSeals : IDisposable
{
    private readonly List<SealedImage> _images = [];

    public EarlierSeals(string sealPath, SealKey key, TimeProvider time)
    {
        // Whatever the policy of clones may be, here only the signature counts.
        SealTrust trust = SealTrust.In(key.PublicKey);
        foreach (string path in (string[])[SealPlace.CheckpointOf(sealPath), sealPath])
        {
            try
            {
                Add(new SealedImage(Seal.OpenCopy(path, trust, time), trust));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // There is none.
            }
            catch (SealException e)
            {
                Refused ??= e.Message;
            }
        }
    }

    /// <summary>Gets why one of them is not believed, if one is not.</summary>
    public string? Refused { get; private set; }

    /// <summary>Gets the seals, the latest first; all of one image.</summary>
    public IReadOnlyList<Seal> Seals => [.. _images.Select(static image => image.Seal)];

    /// <summary>Gets what lets their unchanged files be skipped. Marks stay as they are until new ones are written.</summary>
    public IReadOnlyList<IScanExemption> Exemptions => ImageExemption.For(_images, changed: null);

    public void Dispose() => _images.ForEach(static image => image.Dispose());

    private void Add(SealedImage image)
    {
        if (_images.Count == 0 || _images[0].Seal.ImageId == image.Seal.ImageId)
        {
            _images.Add(image);
        }
        else
        {
            image.Dispose();
        }
    }
}
