using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Cryptography;
using System.Security.Principal;
using System.Text;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>The files that keys are kept in.</summary>
public static class KeyFiles
{
    /// <summary>The environment variable that the password is taken from where no file is named.</summary>
    public const string PasswordVariable = "VIETOOL_KEY_PASSWORD";

    /// <summary>No key is so long, and another file may be.</summary>
    private const int MaxLength = 64 << 10;

    /// <summary>Gets the password that the command line or the environment gives, if one of them does.</summary>
    public static string? Password(string? file)
    {
        string? password = file is null ? Environment.GetEnvironmentVariable(PasswordVariable) : Read(file).Split('\n')[0].TrimEnd('\r');
        return password is { Length: 0 } ? file is null ? null : throw new IOException($"{PrintableText.Escape(file)} begins with an empty line where a password belongs.") : password;
    }

    /// <summary>Makes a pair of keys.</summary>
    /// <param name="path">The private key's file; the public one gets its name with <c>.pub</c> behind it.</param>
    /// <param name="password">What the private key is encrypted with.</param>
    /// <returns>The public key.</returns>
    /// <exception cref="IOException">One of them is there, or cannot be written.</exception>
    public static SealPublicKey Create(string path, string? password)
    {
        string publicPath = path + ".pub";
        foreach (string taken in new[] { path, publicPath }.Where(Path.Exists))
        {
            throw new IOException($"{PrintableText.Escape(taken)} is there: a key is never replaced.");
        }

        using SealKey key = SealKey.Create();
        Write(path, key.ToPem(password), isPrivate: true);
        try
        {
            Write(publicPath, key.PublicKey.ToPem(), isPrivate: false);
        }
        catch
        {
            File.Delete(path);
            throw;
        }

        return key.PublicKey;
    }

    /// <summary>Reads a private key.</summary>
    public static SealKey LoadPrivate(string path, string? password) => Explain(path, () => SealKey.FromPem(Read(path), password));

    /// <summary>Reads a public key, or the public half of a private one.</summary>
    public static SealPublicKey LoadPublic(string path, string? password) => Explain(path, () =>
    {
        string pem = Read(path);
        if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return SealPublicKey.FromPem(pem);
        }

        using SealKey key = SealKey.FromPem(pem, password);
        return key.PublicKey;
    });

    private static T Explain<T>(string path, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (CryptographicException e)
        {
            throw new IOException($"The key in {PrintableText.Escape(path)} cannot be used: {e.Message}", e);
        }
    }

    private static string Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[MaxLength + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaxLength ? Encoding.UTF8.GetString(bytes, 0, length) : throw new IOException($"{PrintableText.Escape(path)} is too long to be a key or a password.");
    }

    private static void Write(string path, string text, bool isPrivate)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (isPrivate ? UnixFileMode.None : UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        using FileStream file = isPrivate && OperatingSystem.IsWindows() ? CreateForOwner(path) : new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(text + "\n"));
        file.Flush(flushToDisk: true);
    }

    [SupportedOSPlatform("windows")]
    private static FileStream CreateForOwner(string path)
    {
        using WindowsIdentity owner = WindowsIdentity.GetCurrent();
        FileSecurity security = new();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(new FileSystemAccessRule(owner.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        return new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.Write | FileSystemRights.ReadAttributes, FileShare.None, 4096, FileOptions.None, security);
    }
}
