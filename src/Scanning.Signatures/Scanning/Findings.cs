namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a scan has found so far.</summary>
/// <param name="isExhaustive">Whether it goes on after the first threat.</param>
internal sealed class Findings(bool isExhaustive)
{
    private readonly List<string> _threats = [];

    /// <summary>Gets the names of the threats, in the order in which they were found; none twice.</summary>
    public IReadOnlyList<string> Threats => _threats;

    /// <summary>Gets why not all was scanned; <see langword="null"/> if all was.</summary>
    public string? Incomplete { get; private set; }

    /// <summary>Gets a value indicating whether nothing more needs to be looked for.</summary>
    public bool IsDecided => !isExhaustive && _threats.Count > 0;

    public void AddThreat(string name)
    {
        if (!_threats.Contains(name))
        {
            _threats.Add(name);
        }
    }

    /// <summary>Notes that something was not scanned; the first reason is kept.</summary>
    public void AddIncomplete(string why) => Incomplete ??= why;
}
