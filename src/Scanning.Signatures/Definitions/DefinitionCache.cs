using System.Text.Json;
using System.Text.Json.Serialization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Definitions as they are kept, compiled.</summary>
internal sealed record CachedDefinitions(DefinitionTables Tables, DefinitionSet Definitions, DefinitionReport Report);

/// <summary>Keeps compiled definitions in a folder, each under the digest of what it was compiled from.</summary>
/// <remarks>An entry that is damaged, of another version, or cannot be read or written is as good as none.</remarks>
internal sealed class DefinitionCache
{
    private const string Extension = ".definitions";

    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(31);

    private readonly string _folder;

    private DefinitionCache(string folder) => _folder = folder;

    /// <summary>Opens a folder; makes it if it is missing.</summary>
    /// <returns><see langword="null"/> if none is named, or it cannot be trusted.</returns>
    public static DefinitionCache? In(string? folder)
    {
        if (folder is null)
        {
            return null;
        }

        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
                return new DefinitionCache(folder);
            }

            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            bool canOthersWrite = (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;
            return canOthersWrite ? null : new DefinitionCache(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="digest">The digest of what it was compiled from.</param>
    /// <param name="source">Where that was: the report names files by their paths.</param>
    public CachedDefinitions? TryRead(ContentHash digest, string source)
    {
        string path = PathOf(digest);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
            TableReader reader = new(file);
            CachedText text = JsonSerializer.Deserialize(reader.ReadArray<byte>(), CachedTextContext.Default.CachedText) ?? throw new InvalidDataException("it says nothing of itself");
            DefinitionTables tables = DefinitionTablesFormat.Read(reader);
            reader.CheckEnd();
            if (text.Definitions.Digest != digest || text.Definitions.Source != source)
            {
                return null;
            }

            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return new CachedDefinitions(tables, text.Definitions, text.Report);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or JsonException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Writes an entry, all at once or not at all, and removes old ones.</summary>
    public void Write(ContentHash digest, CachedDefinitions definitions)
    {
        string path = PathOf(digest);
        string temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 64 << 10))
            {
                TableWriter writer = new(file);
                writer.WriteArray<byte>(JsonSerializer.SerializeToUtf8Bytes(new CachedText(definitions.Definitions, definitions.Report), CachedTextContext.Default.CachedText));
                DefinitionTablesFormat.Write(writer, definitions.Tables);
                writer.WriteEnd();
            }

            File.Move(temporary, path, overwrite: true);
            RemoveOld();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost but the time of the next start.
            File.Delete(temporary);
        }
    }

    private void RemoveOld()
    {
        foreach (string entry in Directory.EnumerateFiles(_folder, $"*{Extension}*"))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(entry) > MaxAge)
            {
                File.Delete(entry);
            }
        }
    }

    private string PathOf(ContentHash digest) => Path.Combine(_folder, $"{digest}{Extension}");
}

/// <summary>What an entry says of itself in words.</summary>
internal sealed record CachedText(DefinitionSet Definitions, DefinitionReport Report);

/// <summary>Reads and writes it.</summary>
[JsonSerializable(typeof(CachedText))]
internal sealed partial class CachedTextContext : JsonSerializerContext;
