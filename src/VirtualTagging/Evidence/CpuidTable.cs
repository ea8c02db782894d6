using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The leaves of CPUID that were read, by number and sub-leaf. Immutable.</summary>
/// <remarks>
/// In JSON an object: the leaf in hexadecimal (<c>40000000</c>, or <c>40000003.2</c> for sub-leaf 2) and its four registers EAX to EDX. A leaf that is not there was
/// not read, which says nothing about what the processor would answer.
/// </remarks>
[JsonConverter(typeof(CpuidTableJsonConverter))]
public sealed class CpuidTable
{
    private readonly SortedDictionary<ulong, CpuidLeaf> _leaves = [];

    /// <summary>Initializes a new instance of the <see cref="CpuidTable"/> class.</summary>
    /// <param name="leaves">The leaves; of two for the same number the later counts.</param>
    public CpuidTable(IEnumerable<(uint Leaf, uint Subleaf, CpuidLeaf Registers)> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        foreach ((uint leaf, uint subleaf, CpuidLeaf registers) in leaves)
        {
            _leaves[Key(leaf, subleaf)] = registers;
        }
    }

    /// <summary>Gets the table of a machine whose CPUID was not read.</summary>
    public static CpuidTable Empty { get; } = new([]);

    /// <summary>Gets how many leaves were read.</summary>
    public int Count => _leaves.Count;

    /// <summary>Gets the leaves, in order.</summary>
    public IEnumerable<(uint Leaf, uint Subleaf, CpuidLeaf Registers)> Leaves
        => _leaves.Select(static entry => ((uint)(entry.Key >> 32), (uint)(entry.Key & uint.MaxValue), entry.Value));

    /// <summary>Gets a leaf.</summary>
    /// <param name="leaf">The number.</param>
    /// <param name="subleaf">The sub-leaf.</param>
    /// <returns>The registers, or <see langword="null"/> if the leaf was not read.</returns>
    public CpuidLeaf? Find(uint leaf, uint subleaf = 0) => _leaves.TryGetValue(Key(leaf, subleaf), out CpuidLeaf registers) ? registers : null;

    private static ulong Key(uint leaf, uint subleaf) => ((ulong)leaf << 32) | subleaf;
}
