namespace Symantec.Virtualization.DiskImages.Tests;

/// <summary>A source of which some bytes were changed and whose end was cut off, as damage and attackers do.</summary>
internal sealed class PatchedSource(ByteSource original, IReadOnlyDictionary<long, byte> patches, long length) : ByteSource
{
    public override long Length => length;

    /// <summary>Gets how many bytes were read through this source.</summary>
    public long BytesRead { get; private set; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        BytesRead += buffer.Length;
        original.ReadExactly(offset, buffer, "test");
        foreach ((long at, byte value) in patches)
        {
            if (at >= offset && at < offset + buffer.Length)
            {
                buffer[(int)(at - offset)] = value;
            }
        }
    }

    protected override ByteRun RunAtCore(long offset) => original.RunAt(offset);
}
