using System.Buffers;
using System.Net;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>A frame as the body of a request. It is made when it is sent, in memory that is given back, and can be sent again.</summary>
internal abstract class FrameContent : HttpContent
{
    /// <summary>With what TLS adds, what fits into a block of 8 KiB.</summary>
    private const int Piece = 8000;

    /// <summary>The first piece may be longer: HttpClient sends its start together with the headers, 4 KiB of both, so that two records make a batch of 256.</summary>
    private const int FirstPiece = Piece + 3000;

    private readonly int _length;
    private readonly bool _isSecret;

    /// <summary>Initializes a frame.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="isSecret">Whether it goes over TLS. A server keeps, for as long as a connection lives, room for the longest record that ever came on it: pieces are short.</param>
    protected FrameContent(int length, bool isSecret)
    {
        _length = length;
        _isSecret = isSecret;
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
            int sent = _isSecret ? Math.Min(FirstPiece, _length) : _length;
            await stream.WriteAsync(frame.AsMemory(0, sent), cancellationToken).ConfigureAwait(false);
            for (; sent < _length; sent += Piece)
            {
                await stream.WriteAsync(frame.AsMemory(sent, Math.Min(Piece, _length - sent)), cancellationToken).ConfigureAwait(false);
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
