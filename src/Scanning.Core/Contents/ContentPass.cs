using System.Buffers;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>What a pass does with the holes of a content, which read as zeros and are stored nowhere.</summary>
public enum HoleHandling
{
    /// <summary>Leave them out.</summary>
    Skip,

    /// <summary>Hand on as many zeros as they are long.</summary>
    HandOnZeros,
}

/// <summary>Takes the bytes of a content as they come.</summary>
/// <param name="offset">The offset of the first byte in the content.</param>
/// <param name="bytes">The bytes; valid only during the call.</param>
public delegate void ContentWindow(long offset, ReadOnlySpan<byte> bytes);

/// <summary>Reads contents from their beginning to their end, window by window.</summary>
public static class ContentPass
{
    private const int WindowSize = 256 << 10;

    /// <summary>Reading goes on over short holes: a read for each short run between them would cost more.</summary>
    private const int MinRead = 64 << 10;

    private static readonly byte[] Zeros = new byte[64 << 10];

    /// <summary>Reads a content once.</summary>
    /// <param name="content">The content.</param>
    /// <param name="onBytes">Takes the bytes; <see langword="null"/> if it only matters whether they can be read.</param>
    /// <param name="holes">What is done with holes.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    /// <exception cref="IOException">The content cannot be read.</exception>
    /// <exception cref="ScanLimitException">More holes than the scan's limits allow would have to be handed on.</exception>
    /// <exception cref="OperationCanceledException">The pass was ended.</exception>
    public static void Run(ScanContent content, ContentWindow? onBytes, HoleHandling holes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        long handedOn = 0;
        byte[] window = ArrayPool<byte>.Shared.Rent((int)Math.Min(content.Length, WindowSize));
        try
        {
            for (long offset = 0; offset < content.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ContentRun run = content.RunAt(offset);
                if (run.IsStored)
                {
                    int read = content.Read(offset, window.AsSpan(0, (int)Math.Clamp(run.Length, Math.Min(MinRead, window.Length), window.Length)));
                    onBytes?.Invoke(offset, window.AsSpan(0, read));
                    offset += Advance(read, content, offset);
                }
                else if (holes == HoleHandling.Skip)
                {
                    offset += Advance(run.Length, content, offset);
                }
                else
                {
                    handedOn = ByteTotal.Add(handedOn, run.Length);
                    content.TakeHole(run.Length, handedOn);
                    HandOnZeros(offset, run.Length, onBytes, cancellationToken);
                    offset += Advance(run.Length, content, offset);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    /// <summary>Takes the holes of a content that an engine is about to read in an order of its own, as <see cref="Run"/> takes them.</summary>
    /// <param name="content">The content; nothing of it is read but where it is stored.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    /// <exception cref="IOException">It cannot be told where the content is stored.</exception>
    /// <exception cref="ScanLimitException">There are more holes than the scan's limits allow to hand on.</exception>
    /// <exception cref="OperationCanceledException">The pass was ended.</exception>
    public static void TakeHoles(ScanContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        long taken = 0;
        for (long offset = 0; offset < content.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ContentRun run = content.RunAt(offset);
            if (!run.IsStored)
            {
                taken = ByteTotal.Add(taken, run.Length);
                content.TakeHole(run.Length, taken);
            }

            offset += Advance(run.Length, content, offset);
        }
    }

    private static void HandOnZeros(long offset, long length, ContentWindow? onBytes, CancellationToken cancellationToken)
    {
        for (long done = 0; done < length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(length - done, Zeros.Length);
            onBytes?.Invoke(offset + done, Zeros.AsSpan(0, count));
            done += count;
        }
    }

    /// <summary>Checks that a step leads on: a content that says there is nothing in front of its end would be read for ever.</summary>
    private static long Advance(long step, ScanContent content, long offset) => step > 0
        ? step
        : throw new IOException($"a run of {step} bytes at offset {offset:N0} of {content.Length:N0} leads nowhere");
}
