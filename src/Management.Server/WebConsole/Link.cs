using System.Text;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>Addresses of the console.</summary>
internal static class Link
{
    /// <summary>Where the console begins.</summary>
    public const string Root = "/console";

    /// <summary>Any host, to have a browser's reading of a path: it goes up at two points, however they are written.</summary>
    private static readonly Uri Somewhere = new("http://console.invalid/");

    /// <summary>An address with parameters; those without a value are left out.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        StringBuilder address = new(path);
        char mark = '?';
        foreach ((string name, string? value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
            {
                address.Append(mark).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                mark = '&';
            }
        }

        return address.ToString();
    }

    /// <summary>Where to go on after signing in: a place of the console, and nothing else.</summary>
    public static string Inside(string? path)
        => path is { Length: <= 2000 } && path.StartsWith(Root + "/", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal) && !path.Any(char.IsControl)
            && Uri.TryCreate(Somewhere, path, out Uri? address) && address.AbsolutePath.StartsWith(Root + "/", StringComparison.Ordinal)
            ? address.PathAndQuery
            : Root + "/";
}
