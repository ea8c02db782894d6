using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>A file in an image, or one of its streams, as a content to scan.</summary>
internal sealed class ImageContent : ScanContent
{
    private readonly DataStream _stream;
    private readonly SharedImage _image;
    private readonly ReadBudget _budget;
    private readonly Lock _openLock = new();
    private ByteSource? _bytes;
    private bool _disposed;

    /// <param name="location">Where the content is.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="image">The image, which is shared until the content is disposed.</param>
    /// <param name="budget">What may be read from the volume.</param>
    public ImageContent(string location, DataStream stream, SharedImage image, ReadBudget budget)
    {
        Location = location;
        _stream = stream;
        _image = image;
        _budget = budget;
        image.Share();
    }

    public override string Location { get; }

    public override IReadOnlyList<string> OtherLocations => Others;

    public IReadOnlyList<string> Others { get; init; } = [];

    public override long Length => _stream.Length;

    public override long StoredLength => _stream.StoredLength;

    public override FileIdentity? Identity => FileIdentity;

    public FileIdentity? FileIdentity { get; init; }

    public override FileIdentity? OwnerIdentity => FileIdentity ?? Owner;

    /// <summary>Gets the identity of the file that this is a stream of.</summary>
    public FileIdentity? Owner { get; init; }

    /// <remarks>Of a damaged stream not even the length is known: one that seems empty is not clean.</remarks>
    public override string? Unscannable => _stream.Fault is { } fault ? fault.Kind == ImageFaultKind.Unsupported ? fault.Detail : fault.ToString() : null;

    public override IReadOnlyList<ScanContent> Streams => NamedStreams;

    public IReadOnlyList<ScanContent> NamedStreams { get; init; } = [];

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        _budget.Take(buffer.Length);
        Bytes().ReadExactly(offset, buffer, "File");
    }

    protected override ContentRun RunAtCore(long offset)
    {
        ByteRun run = Bytes().RunAt(offset);
        return new ContentRun(run.IsStored, run.Length);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _bytes?.Dispose();
            _image.Dispose();
        }

        base.Dispose(disposing);
    }

    private ByteSource Bytes()
    {
        lock (_openLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes ??= _stream.Open();
        }
    }
}
