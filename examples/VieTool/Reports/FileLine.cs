using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>What became of a file.</summary>
/// <param name="Outcome">A word of its mode: <c>sealed</c>, <c>changed</c>, <c>cleared</c>.</param>
/// <param name="Location">Where it is; hostile.</param>
/// <param name="Detail">More of it; hostile.</param>
internal sealed record FileLine(string Outcome, string Location, string Detail = "")
{
    /// <summary>Gets a value indicating whether somebody should look at it.</summary>
    public bool IsNotable { get; init; }

    public ContentHash? Hash { get; init; }

    public FileIdentity? Identity { get; init; }

    /// <summary>Gets the line for people, safe to show.</summary>
    public string Text => PrintableText.Escape(Detail.Length > 0 ? $"{Location}: {Outcome}: {Detail}" : $"{Location}: {Outcome}");
}

/// <summary>Something that a run says of itself.</summary>
/// <param name="Name">What programs call it.</param>
/// <param name="Label">What people call it; empty if they are not told.</param>
/// <param name="Value">A text (hostile), a number, a truth, a time, or nothing.</param>
internal sealed record Fact(string Name, string Label, object? Value);
