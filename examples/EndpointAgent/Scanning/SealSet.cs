using Microsoft.Extensions.Logging;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The seals of this machine under the policy in force. Made anew when the policy changes, or a seal on the disk does.</summary>
internal sealed class SealSet : IDisposable
{
    private readonly List<(string Root, SealedImage Image)> _images = [];

    private SealSet()
    {
    }

    public static SealSet Empty { get; } = new();

    public IReadOnlyList<SealedImage> Images { get; private set; } = [];

    /// <summary>Gets the images with what they are the seals of.</summary>
    public IReadOnlyList<(string Root, SealedImage Image)> ByRoot => _images;

    /// <summary>Opens the seals that are believed. One that is refused is logged with its reason, and what it would have let be skipped is scanned.</summary>
    public static SealSet Open(IEnumerable<SealOptions> seals, IReadOnlyList<SealPublicKey> keys, ScanPolicy policy, SealSet? before, TimeProvider time, ILogger logger)
    {
        SealSet set = new();
        if (policy.VirtualImages is { AutoProtect: false, OnDemand: false })
        {
            return set;
        }

        using LiveVolumes volumes = new();
        foreach (SealOptions options in seals)
        {
            string path = PathOf(options);
            try
            {
                // Of an image that was copied file by file the volume is another one; its marks tell.
                string? volume = policy.VirtualImages.Check == SealCheck.Identity ? volumes.NameOf(options.Root) : null;
                SealedImage image = SealedImage.Open(path, SealTrust.Of(policy, keys), volume, time);

                // Where changes may have been missed, they have been missed under the next policy as well.
                image.IsSuspended = before?._images.Exists(known => known.Root == options.Root && known.Image.IsSuspended) == true;
                set._images.Add((options.Root, image));
                Log.SealOpened(logger, path, image.Seal.Id, image.Seal.Number, image.Seal.Count);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
            {
                Log.SealRefused(logger, path, e.Message);
            }
        }

        set.Images = [.. set._images.Select(static known => known.Image)];
        return set;
    }

    /// <summary>Tells one state of the seals on the disk from another.</summary>
    public static string Look(IEnumerable<SealOptions> seals) => string.Join('\n', seals.Select(PathOf).Select(static path =>
    {
        FileInfo file = new(path);
        return file.Exists ? $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}" : path;
    }));

    public void Dispose() => _images.ForEach(static known => known.Image.Dispose());

    private static string PathOf(SealOptions options) => options.File ?? SealPlace.Of(options.Root);
}
