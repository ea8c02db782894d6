using System.Globalization;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>The exception that is thrown when bytes are no frame. The message names structure, field and offset, and nothing else of either side.</summary>
public sealed class FrameException : IOException
{
    /// <summary>Initializes a new instance of the <see cref="FrameException"/> class.</summary>
    /// <param name="structure">The structure.</param>
    /// <param name="field">The field.</param>
    /// <param name="offset">Where the field stands in the frame, in bytes.</param>
    /// <param name="detail">What is wrong with it.</param>
    public FrameException(string structure, string field, int offset, string detail)
        : base(string.Create(CultureInfo.InvariantCulture, $"{structure}.{field} at {offset}: {detail}"))
    {
        Structure = structure;
        Field = field;
        Offset = offset;
    }

    /// <summary>Gets the structure.</summary>
    public string Structure { get; }

    /// <summary>Gets the field.</summary>
    public string Field { get; }

    /// <summary>Gets where the field stands in the frame, in bytes.</summary>
    public int Offset { get; }
}
