using System.Text;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Collects what the evidence says.</summary>
internal sealed class FindingList
{
    /// <summary>A machine gives a few dozen findings; a hostile snapshot no more than this.</summary>
    private const int MaxFindings = 1024;

    private readonly List<Finding> _items = [];

    public IReadOnlyList<Finding> Items => _items;

    public IEnumerable<Finding> On(TagAxis axis) => _items.Where(finding => finding.Axis == axis);

    /// <summary>Evidence of a product is evidence of a virtual machine, of the same weight.</summary>
    public void Product(EvidenceSource source, string key, string? value, string product, EvidenceWeight weight)
        => Add(source, key, value, TagAxis.Product, product, weight);

    public void Virtual(EvidenceSource source, string key, string? value, EvidenceWeight weight)
        => Add(source, key, value, TagAxis.Machine, Words.Virtual, weight);

    public void Physical(EvidenceSource source, string key, string? value, EvidenceWeight weight)
        => Add(source, key, value, TagAxis.Machine, Words.Physical, weight);

    public void Add(EvidenceSource source, string key, string? value, TagAxis axis, string says, EvidenceWeight weight)
    {
        if (_items.Count < MaxFindings)
        {
            _items.Add(new Finding { Source = source, Key = Showable(key), Value = Showable(value ?? ""), Axis = axis, Says = says, Weight = weight });
        }
    }

    /// <summary>Makes findings agree with the others and decide nothing, once something better explains them.</summary>
    public void Demote(Predicate<Finding> which)
    {
        for (int i = 0; i < _items.Count; i++)
        {
            if (which(_items[i]))
            {
                _items[i] = _items[i] with { Weight = EvidenceWeight.Corroborating };
            }
        }
    }

    private static string Showable(string text)
    {
        string cut = text.Length <= Finding.MaxValueLength ? text : text[..Finding.MaxValueLength];
        foreach (char c in cut)
        {
            if (c is < ' ' or > '~')
            {
                return Replaced(cut);
            }
        }

        return cut;
    }

    private static string Replaced(string text)
    {
        StringBuilder shown = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool shows = Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune) || rune.Value == ' ';
            shown.Append(shows ? rune.ToString() : "\uFFFD");
        }

        return shown.ToString();
    }

    /// <summary>What findings say on axes that are no products.</summary>
    internal static class Words
    {
        public const string Virtual = "virtual";
        public const string Physical = "physical";
        public const string Kubernetes = "kubernetes";
    }
}
