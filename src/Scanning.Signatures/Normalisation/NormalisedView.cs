using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a filter makes of a content; it is made anew each time it is read, so that none of it is kept.</summary>
/// <param name="content">The content.</param>
/// <param name="newFilter">Makes the filter that writes to an output.</param>
internal sealed class NormalisedView(ScanContent content, Func<NormalisedOutput, IByteFilter> newFilter) : IByteView
{
    public long? Length => null;

    /// <summary>Gets why the view, as it was read last, lacks something; <see langword="null"/> if it does not.</summary>
    public string? Cut { get; private set; }

    public long Run(ContentWindow onBytes, HoleHandling holes, CancellationToken cancellationToken)
    {
        NormalisedOutput output = new(onBytes);
        IByteFilter filter = newFilter(output);
        long next = 0;
        ContentPass.Run(
            content,
            (offset, bytes) =>
            {
                filter.Append(Hole(offset - next));
                filter.Append(bytes);
                next = offset + bytes.Length;
            },
            HoleHandling.Skip,
            cancellationToken);
        filter.Append(Hole(content.Length - next));
        filter.Complete();
        output.Complete();
        Cut = output.Cut;
        return output.Length;
    }

    /// <summary>Filters drop zeros: one or two of a hole are enough for them to see where it is, and for wide characters to stay in step.</summary>
    private static ReadOnlySpan<byte> Hole(long length) => length switch
    {
        0 => [],
        _ when (length & 1) != 0 => [0],
        _ => [0, 0],
    };
}
