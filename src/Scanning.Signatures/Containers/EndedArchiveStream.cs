namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>An archive of tar with the two empty blocks behind it that end one, and that ClamAV's publisher leaves out.</summary>
internal sealed class EndedArchiveStream(Stream archive) : ForwardStream
{
    private int _left = 2 * 512;

    public override int Read(Span<byte> buffer)
    {
        int read = archive.Read(buffer);
        if (read == 0)
        {
            read = Math.Min(_left, buffer.Length);
            buffer[..read].Clear();
            _left -= read;
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            archive.Dispose();
        }

        base.Dispose(disposing);
    }
}
