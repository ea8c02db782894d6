using System.Globalization;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Which versions of libclamav the binding is known to work with.</summary>
internal static class LibraryVersion
{
    /// <summary>The oldest: what a scan says of limits and of what is encrypted was looked at from here on.</summary>
    private static readonly Version Oldest = new(1, 4);

    /// <summary>The first that is not: another major version may change structures and meanings.</summary>
    private static readonly Version TooNew = new(2, 0);

    /// <summary>Checks what the library says of itself.</summary>
    /// <param name="text">The version, such as <c>1.4.6</c> or <c>clamav-1.5.0-rc</c>.</param>
    /// <param name="path">The library's file.</param>
    /// <returns>The version without what stands around it.</returns>
    /// <exception cref="ClamAvException">It is older or newer than what is known to work, or says nothing of the kind.</exception>
    public static string Check(string text, string path)
    {
        string number = new([.. text.SkipWhile(static c => !char.IsAsciiDigit(c)).TakeWhile(static c => char.IsAsciiDigit(c) || c == '.')]);
        return Version.TryParse(number, out Version? version) && version >= Oldest && version < TooNew
            ? number
            : throw new ClamAvException(string.Create(
                CultureInfo.InvariantCulture, $"{path} is libclamav \"{text}\"; versions from {Oldest} up to, but not including, {TooNew} are known to work"));
    }
}
