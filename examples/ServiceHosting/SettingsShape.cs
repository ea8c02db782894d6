using System.Reflection;

namespace Symantec.Virtualization.Examples.ServiceHosting;

/// <summary>Which settings a section has.</summary>
/// <param name="options">The options that are read from it.</param>
public sealed class SettingsShape(params Type[] options)
{
    /// <summary>Gets the parts that are read by themselves.</summary>
    public IReadOnlyDictionary<string, SettingsShape> Parts { get; init => field = new Dictionary<string, SettingsShape>(value, StringComparer.OrdinalIgnoreCase); } = new Dictionary<string, SettingsShape>();

    /// <summary>Gets the members of the options that are no settings.</summary>
    public IReadOnlyCollection<string> Never { get; init; } = [];

    /// <summary>Gets the names of all settings.</summary>
    public IReadOnlyList<string> Names => [.. Properties.Select(static property => property.Name).Concat(Parts.Keys).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];

    private IEnumerable<PropertyInfo> Properties => options.SelectMany(static type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
        .Where(property => property.CanWrite && !typeof(Delegate).IsAssignableFrom(property.PropertyType) && !Never.Contains(property.Name));

    internal PropertyInfo? Find(string name) => Properties.FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
