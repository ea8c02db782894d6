using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The whole body of a request, in memory that is given back.</summary>
internal readonly struct RequestBody : IDisposable
{
    private readonly byte[] _buffer;
    private readonly int _length;

    private RequestBody(byte[] buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body.</summary>
    /// <returns><see langword="null"/> if it is longer than allowed, and the answer says so.</returns>
    public static async ValueTask<RequestBody?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            await TooLongAsync(context, limit).ConfigureAwait(false);
            return null;
        }

        PipeReader reader = context.Request.BodyReader;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (result.Buffer.Length > limit)
            {
                reader.AdvanceTo(result.Buffer.End);
                await TooLongAsync(context, limit).ConfigureAwait(false);
                return null;
            }

            if (result.IsCompleted)
            {
                int length = (int)result.Buffer.Length;
                byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
                result.Buffer.CopyTo(buffer);
                reader.AdvanceTo(result.Buffer.End);
                return new RequestBody(buffer, length);
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private static Task TooLongAsync(HttpContext context, int limit)
        => Problems.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "too-large", $"A body of at most {limit} bytes is taken here.");
}
