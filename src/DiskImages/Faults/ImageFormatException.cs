namespace Symantec.Virtualization.DiskImages;

/// <summary>The exception for an image that cannot be read as its format says: damaged, hostile or unsupported.</summary>
/// <remarks>
/// Failures of the host (a disk error, a vanished file) stay <see cref="IOException"/>, and mistakes of the caller stay
/// <see cref="ArgumentException"/>; whatever an image contains ends in this type.
/// </remarks>
public sealed class ImageFormatException : IOException
{
    /// <summary>Initializes a new instance of the <see cref="ImageFormatException"/> class.</summary>
    /// <param name="fault">The fault that ended the reading.</param>
    /// <param name="innerException">What revealed the fault, where that was an exception.</param>
    public ImageFormatException(ImageFault fault, Exception? innerException = null)
        : base(Sentence(fault), innerException)
    {
        Fault = fault;
    }

    /// <summary>Gets the fault that ended the reading.</summary>
    public ImageFault Fault { get; }

    /// <summary>Makes a fault of a number that an image holds and that arithmetic cannot: the rule at every boundary, should a check be missing.</summary>
    internal static ImageFormatException From(OverflowException overflow, string structure, long offset)
        => new(new ImageFault(ImageFaultKind.InvalidValue, structure, "", offset, "it holds a number that is too large to count with"), overflow);

    private static string Sentence(ImageFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.ToString();
    }
}
