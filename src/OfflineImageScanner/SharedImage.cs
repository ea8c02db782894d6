using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>An open image that closes when nobody uses it any longer: neither the listing nor any content that is still to be scanned.</summary>
/// <param name="image">The image.</param>
/// <param name="name">What to call it.</param>
/// <param name="onProblem">Is told if the image was written to before its last content was read.</param>
internal sealed class SharedImage(DiskImage image, string name, Action<ScanProblem> onProblem) : IDisposable
{
    private int _users = 1;

    /// <summary>Another content uses the image; it must call <see cref="Dispose"/> once.</summary>
    public void Share() => Interlocked.Increment(ref _users);

    /// <summary>One user less.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) != 0)
        {
            return;
        }

        try
        {
            if (image.HasChanged)
            {
                onProblem(new ScanProblem(name, "the image was written to while it was scanned: its machine may be running"));
            }
        }
        finally
        {
            image.Dispose();
        }
    }
}
