using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Examples.ServiceHosting;

/// <summary>Reads settings, and refuses those that nobody knows: a misspelt setting must not be one that is left at its default.</summary>
public static class StrictSettings
{
    /// <summary>Says which arguments are no settings of these sections: an argument that nobody looks at must not look as if it counted.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="example">How a setting is written: <c>--Manager:Port=9008</c>.</param>
    /// <param name="sections">The sections.</param>
    /// <returns>Whether all are settings; otherwise the others were named on the standard error output.</returns>
    public static bool AreArguments(IReadOnlyList<string> args, string example, params string[] sections)
    {
        string[] strange = [.. args.Where(arg => !arg.Contains('=', StringComparison.Ordinal) || !sections.Any(section => arg.StartsWith($"--{section}:", StringComparison.OrdinalIgnoreCase)))];
        foreach (string arg in strange)
        {
            Console.Error.WriteLine($"{arg}: there is no such argument; a setting is written as {example}. See --help.");
        }

        return strange.Length == 0;
    }

    /// <summary>Reads and checks a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="validator">Knows the ranges of its values.</param>
    /// <param name="shape">Which settings the section has; those of the options alone if <see langword="null"/>.</param>
    /// <exception cref="OptionsValidationException">A setting is unknown or has a wrong value.</exception>
    public static T Read<T>(IConfigurationSection section, IValidateOptions<T> validator, SettingsShape? shape = null)
        where T : class, new()
    {
        List<string> failures = [.. Unknown(section, shape ?? new SettingsShape(typeof(T)))];
        T options = section.Get<T>() ?? new T();
        ValidateOptionsResult check = validator.Validate(null, options);
        failures.AddRange(check.Failed ? check.Failures : []);
        return failures.Count == 0 ? options : throw new OptionsValidationException(section.Path, typeof(T), failures);
    }

    /// <summary>Says which settings of a section are unknown, those of its parts included.</summary>
    private static IEnumerable<string> Unknown(IConfigurationSection section, SettingsShape shape)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (shape.Parts.TryGetValue(child.Key, out SettingsShape? part))
            {
                foreach (string failure in Unknown(child, part))
                {
                    yield return failure;
                }
            }
            else if (shape.Find(child.Key) is not { } property)
            {
                yield return $"{child.Path}: there is no such setting. Settings are {string.Join(", ", shape.Names)}.";
            }
            else
            {
                foreach (string failure in UnknownIn(child, property.PropertyType))
                {
                    yield return failure;
                }
            }
        }
    }

    private static IEnumerable<string> UnknownIn(IConfigurationSection section, Type type) => IsOptions(type)
        ? Unknown(section, new SettingsShape(type))
        : type.IsGenericType && type.GetGenericArguments() is [var element] && IsOptions(element)
            ? section.GetChildren().SelectMany(child => Unknown(child, new SettingsShape(element)))
            : [];

    /// <summary>Tells options, which have settings of their own, from plain values.</summary>
    private static bool IsOptions(Type type)
        => type.IsClass && type.Namespace?.StartsWith("Symantec.Virtualization", StringComparison.Ordinal) == true && type.GetConstructor(Type.EmptyTypes) is not null;
}
