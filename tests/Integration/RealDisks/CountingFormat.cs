using Symantec.Virtualization.DiskImages;

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>A container format that reads through another one and counts what is read from the image's file.</summary>
internal sealed class CountingFormat(IContainerFormat inner) : IContainerFormat
{
    private long _bytesRead;

    public string Name => inner.Name;

    /// <summary>Gets the bytes that were read from the file.</summary>
    public long BytesRead => _bytesRead;

    public bool Recognizes(ByteSource file) => inner.Recognizes(file);

    public VirtualDisk Open(ByteSource file, ContainerContext context) => inner.Open(new CountingSource(file, this), context);

    private sealed class CountingSource(ByteSource file, CountingFormat counter) : ByteSource
    {
        public override long Length => file.Length;

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            Interlocked.Add(ref counter._bytesRead, buffer.Length);
            file.ReadExactly(offset, buffer, "File");
        }

        protected override ByteRun RunAtCore(long offset) => file.RunAt(offset);

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
