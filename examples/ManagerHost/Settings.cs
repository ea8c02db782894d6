namespace Symantec.Virtualization.Examples.ManagerHost;

/// <summary>The arguments that are settings.</summary>
internal static class Settings
{
    /// <summary>Says which arguments are no settings: an argument that nobody looks at must not look as if it counted.</summary>
    /// <returns>The settings; <see langword="null"/> if something else stands among them.</returns>
    public static string[]? Check(string[] args)
    {
        string[] strange =
        [
            .. args.Where(static arg => !(arg.StartsWith("--Manager:", StringComparison.OrdinalIgnoreCase) || arg.StartsWith("--Serilog:", StringComparison.OrdinalIgnoreCase))
                || !arg.Contains('=', StringComparison.Ordinal)),
        ];
        foreach (string arg in strange)
        {
            Console.Error.WriteLine($"{arg}: there is no such argument; a setting is written as --Manager:Port=9008. See --help.");
        }

        return strange.Length == 0 ? args : null;
    }
}
