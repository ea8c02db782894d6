using Symantec.Virtualization.DiskImages;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>An open image that closes when nobody uses it any longer: neither the listing nor any content that is still to be scanned.</summary>
internal sealed class SharedImage(DiskImage image) : IDisposable
{
    private int _users = 1;

    /// <summary>Another content uses the image; it must call <see cref="Dispose"/> once.</summary>
    public void Share() => Interlocked.Increment(ref _users);

    /// <summary>One user less.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            image.Dispose();
        }
    }
}
