using System.Buffers;
using System.Net;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>A frame as the body of a request. It is made when it is sent, in memory that is given back, and can be sent again.</summary>
internal abstract class FrameContent : HttpContent
{
    /// <summary>What HttpClient gathers before it sends.</summary>
    private const int Piece = 4096;

    private readonly int _length;
    private readonly int _piece;

    /// <summary>Initializes a frame.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="isSecret">Whether it goes over TLS. A server's OpenSSL keeps, for as long as a connection lives, room for the longest piece that it ever got: pieces are short.</param>
    protected FrameContent(int length, bool isSecret)
    {
        _length = length;
        _piece = isSecret ? Piece : length;
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
            for (int at = 0; at < _length; at += _piece)
            {
                await stream.WriteAsync(frame.AsMemory(at, Math.Min(_piece, _length - at)), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }
}

/// <summary>A <see cref="LookupFrame"/>.</summary>
internal sealed class LookupContent(ScopeName scope, ReadOnlyMemory<ContentHash> hashes, bool wantsLeases, bool isSecret) : FrameContent(LookupFrame.FrameLength(hashes.Length), isSecret)
{
    protected override void Write(Span<byte> frame) => LookupFrame.Write(frame, scope.Lane, scope.Definitions, hashes.Span, wantsLeases);
}

/// <summary>A <see cref="VoteFrame"/>.</summary>
internal sealed class VoteContent(byte[] written, bool isSecret) : FrameContent(written.Length, isSecret)
{
    protected override void Write(Span<byte> frame) => written.CopyTo(frame);
}
