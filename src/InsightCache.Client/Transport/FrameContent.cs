using System.Buffers;
using System.Net;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>A frame as the body of a request. It is made when it is sent, in memory that is given back, and can be sent again.</summary>
internal abstract class FrameContent : HttpContent
{
    private readonly int _length;

    protected FrameContent(int length)
    {
        _length = length;
        Headers.TryAddWithoutValidation("Content-Type", Routes.FrameMediaType);
    }

    protected abstract void Write(Span<byte> frame);

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] frame = ArrayPool<byte>.Shared.Rent(_length);
        try
        {
            Write(frame.AsSpan(0, _length));
            await stream.WriteAsync(frame.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }
}

/// <summary>A <see cref="LookupFrame"/>.</summary>
internal sealed class LookupContent(ScopeName scope, ReadOnlyMemory<ContentHash> hashes, bool wantsLeases) : FrameContent(LookupFrame.FrameLength(hashes.Length))
{
    protected override void Write(Span<byte> frame) => LookupFrame.Write(frame, scope.Lane, scope.Definitions, hashes.Span, wantsLeases);
}

/// <summary>A <see cref="VoteFrame"/>.</summary>
internal sealed class VoteContent(byte[] written) : FrameContent(written.Length)
{
    protected override void Write(Span<byte> frame) => written.CopyTo(frame);
}
