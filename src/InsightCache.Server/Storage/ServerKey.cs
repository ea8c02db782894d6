using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What only this server knows: it places entries where no client can aim, and seals what is read back from disk. Immutable, safe for concurrent use.</summary>
internal sealed class ServerKey
{
    private const int Size = 32;

    private readonly byte[] _seal;

    private ServerKey(byte[] master)
    {
        Table = new TableSecret(HKDF.Expand(HashAlgorithmName.SHA256, master, TableSecret.Size, "insight cache table"u8.ToArray()));
        _seal = HKDF.Expand(HashAlgorithmName.SHA256, master, Size, "insight cache seal"u8.ToArray());
    }

    /// <summary>Gets what decides where entries live.</summary>
    public TableSecret Table { get; }

    /// <summary>Makes a key that ends with the process.</summary>
    public static ServerKey Create() => new(RandomNumberGenerator.GetBytes(Size));

    /// <summary>Reads the key of a folder, and makes one at the first start; nobody but the server's account may read it.</summary>
    /// <exception cref="InvalidDataException">The file is no key.</exception>
    public static ServerKey Open(string path)
    {
        if (File.Exists(path))
        {
            byte[] master = File.ReadAllBytes(path);
            return master.Length == Size ? new ServerKey(master) : throw new InvalidDataException($"{path}: a key has {Size} bytes, and this file has {master.Length}.");
        }

        byte[] created = RandomNumberGenerator.GetBytes(Size);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        string unfinished = path + ".new";
        File.Delete(unfinished);
        using (FileStream file = new(unfinished, options))
        {
            file.Write(created);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path);
        return new ServerKey(created);
    }

    /// <summary>Starts a seal over bytes that are to be read back.</summary>
    public IncrementalHash BeginSeal() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _seal);
}
