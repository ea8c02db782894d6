using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The bytes that signatures look at: a content's own, or what normalisation makes of them. They can be read more than once.</summary>
internal interface IByteView
{
    /// <summary>Gets the length in bytes, if it is known before they are read.</summary>
    long? Length { get; }

    /// <summary>Reads the bytes from the beginning to the end.</summary>
    /// <param name="onBytes">Takes them.</param>
    /// <param name="holes">What is done with holes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The length.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    long Run(ContentWindow onBytes, HoleHandling holes, CancellationToken cancellationToken);
}

/// <summary>A content as it is.</summary>
internal sealed class RawView(ScanContent content) : IByteView
{
    public long? Length => content.Length;

    public long Run(ContentWindow onBytes, HoleHandling holes, CancellationToken cancellationToken)
    {
        ContentPass.Run(content, onBytes, holes, cancellationToken);
        return content.Length;
    }
}
