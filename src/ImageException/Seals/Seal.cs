using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text.Json;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>A sealed image: the signed catalogue of its clean files, mapped into memory. Safe for concurrent use.</summary>
/// <remarks>
/// <para>Opening it verifies the signature and every byte behind it. A lookup reads two or three cache lines and allocates nothing.</para>
/// <para>The file must not be cut short while it is mapped; whoever writes a new seal puts it in the old one's place by renaming, as <see cref="ImageSealer"/> does.</para>
/// </remarks>
public sealed unsafe class Seal : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly SealHeader _header;
    private readonly byte* _start;
    private bool _disposed;

    private Seal(MemoryMappedFile? file, MemoryMappedViewAccessor? view, byte* start, SealHeader header, string path)
    {
        _start = start;
        (_file, _view, _header, Path) = (file, view, header, path);
        Facts = ReadFacts();
    }

    /// <summary>Gets the bytes that every seal begins with: a file that has others is none, and not to be replaced by one.</summary>
    public static ReadOnlySpan<byte> Magic => SealLayout.Magic;

    /// <summary>Gets where the seal was opened.</summary>
    public string Path { get; }

    /// <summary>Gets what names this seal: a new one for each time the image is sealed.</summary>
    public Guid Id => _header.SealId;

    /// <summary>Gets what names the image through all its seals; marks bear it.</summary>
    public Guid ImageId => _header.ImageId;

    /// <summary>Gets the place of the seal among those of its image, from 1: a seal with a lower number is an older one.</summary>
    public long Number => _header.Number;

    /// <summary>Gets when it was made.</summary>
    public DateTimeOffset SealedAt => _header.SealedAt;

    /// <summary>Gets the name of the key that signed it.</summary>
    public ContentHash KeyId => _header.KeyId;

    /// <summary>Gets the root over its entries.</summary>
    public ContentHash Root => _header.Root;

    /// <summary>Gets a value indicating whether the files were hashed only, because somebody said that they had been scanned elsewhere.</summary>
    public bool IsScanSkipped => _header.Flags.HasFlag(SealFlags.ScanSkipped);

    /// <summary>Gets a value indicating whether the files bear marks; without, the catalogue alone serves.</summary>
    public bool IsMarked => _header.Flags.HasFlag(SealFlags.Marked);

    /// <summary>Gets a value indicating whether the image was still being sealed when this was written.</summary>
    public bool IsUnfinished => _header.Flags.HasFlag(SealFlags.Unfinished);

    /// <summary>Gets what it says of the image as a whole.</summary>
    public SealFacts Facts { get; }

    /// <summary>Gets the number of entries, those of withdrawn files included.</summary>
    public int Count => (int)_header.EntryCount;

    /// <summary>Opens a seal and verifies it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trust">Which seals are believed.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <returns>The seal.</returns>
    /// <exception cref="SealException">It is not believed, and why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Seal Open(string path, SealTrust trust, TimeProvider? time = null)
    {
        Seal seal = OpenUnfinished(path, trust, time);
        if (seal.IsUnfinished)
        {
            seal.Dispose();
            throw new SealException(SealRefusal.Unfinished, "it was written while the image was still being sealed");
        }

        return seal;
    }

    /// <summary>Finds the entry of a file.</summary>
    /// <param name="identity">The file.</param>
    /// <param name="entry">The entry of the file's number on its volume, whatever else of its identity moved.</param>
    /// <returns><see langword="false"/> if the seal has none of it.</returns>
    /// <remarks>Allocates nothing.</remarks>
    public bool TryFind(FileIdentity identity, out SealEntry entry)
    {
        ArgumentNullException.ThrowIfNull(identity);
        int volume = VolumeOf(identity.Volume);
        if (volume >= 0 && _header.EntryCount > 0)
        {
            uint* slots = (uint*)(_start + _header.SlotsAt);
            uint mask = _header.SlotCount - 1;
            uint slot = SealLayout.SlotOf((byte)volume, identity.FileId, _header.SlotCount);
            for (uint steps = 0; steps < _header.SlotCount; steps++, slot = (slot + 1) & mask)
            {
                uint number = slots[slot];
                if (number == 0 || number > _header.EntryCount)
                {
                    break;
                }

                SealEntry found = At(number - 1);
                if (found.FileId == identity.FileId && found.VolumeIndex == volume)
                {
                    entry = found;
                    return true;
                }
            }
        }

        entry = default;
        return false;
    }

    /// <summary>Gets an entry by its number, as a mark names it.</summary>
    /// <param name="number">The number, from 0.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that number.</exception>
    public SealEntry EntryAt(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
        return At((uint)number);
    }

    /// <summary>Lists the entries that stand.</summary>
    /// <returns>The entries, in the order of their numbers.</returns>
    public IEnumerable<SealEntry> Entries()
    {
        for (int i = 0; i < Count; i++)
        {
            SealEntry entry = EntryAt(i);
            if (!entry.IsVoid)
            {
                yield return entry;
            }
        }
    }

    /// <summary>Unmaps the catalogue. Nobody may be looking anything up in it, nor hold an entry of it.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (_view is null)
            {
                NativeMemory.Free(_start);
                return;
            }

            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
    }

    /// <summary>Opens a seal that may be one of an image that is still being sealed: to go on from there, or to tell how far it came. Nothing may be skipped by it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trust">Which seals are believed.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <returns>The seal; see <see cref="IsUnfinished"/>.</returns>
    /// <exception cref="SealException">It is not believed, and why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Seal OpenUnfinished(string path, SealTrust trust, TimeProvider? time = null) => Open(path, trust, time, isCopy: false);

    /// <summary>Opens a seal that may be unfinished as a copy in memory: Windows puts no other file in the place of one that is mapped, not even for who mapped it.</summary>
    internal static Seal OpenCopy(string path, SealTrust trust, TimeProvider? time = null) => Open(path, trust, time, isCopy: true);

    private static Seal Open(string path, SealTrust trust, TimeProvider? time, bool isCopy)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(trust);
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        byte[] head = new byte[SealLayout.HeaderSize];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        SealHeader header = SealHeader.Parse(head.AsSpan(0, read), stream.Length);
        SealPublicKey key = trust.Find(header.KeyId);
        if (!key.Verify(head.AsSpan(0, SealLayout.SignedSize), head.AsSpan(SealLayout.Header.Signature, SealLayout.SignatureSize)))
        {
            throw new SealException(SealRefusal.BadSignature, $"Header.Signature at 0x{SealLayout.Header.Signature:x}: it is not that of the key over this header");
        }

        trust.Check(header, (time ?? TimeProvider.System).GetUtcNow());
        return isCopy ? Copy(stream, header, path) : Map(stream, header, path);
    }

    internal byte* EntryStart(uint number) => _start + SealHeader.EntriesAt + (number * (long)SealLayout.EntrySize);

    /// <summary>Reads the path of an entry: two bytes of length, and the bytes.</summary>
    internal string PathAt(uint offset)
    {
        long paths = _header.PathsLength;
        if (offset + 2L > paths)
        {
            return "";
        }

        byte* start = _start + _header.PathsAt + offset;
        int length = start[0] | (start[1] << 8);
        return offset + 2L + length <= paths ? System.Text.Encoding.UTF8.GetString(start + 2, length) : "";
    }

    internal VerdictScope? ScopeAt(int index) => index < Facts.Scopes.Count ? Facts.Scopes[index] : null;

    internal SealVolume? VolumeAt(int index) => index < Facts.Volumes.Count ? Facts.Volumes[index] : null;

    internal int VolumeOf(string name)
    {
        IReadOnlyList<SealVolume> volumes = Facts.Volumes;
        for (int i = 0; i < volumes.Count; i++)
        {
            if (volumes[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static Seal Copy(FileStream stream, SealHeader header, string path)
    {
        byte* start = (byte*)NativeMemory.Alloc((nuint)header.Length);
        try
        {
            stream.Position = 0;
            for (long at = 0; at < header.Length;)
            {
                int read = stream.Read(new Span<byte>(start + at, (int)Math.Min(header.Length - at, 1 << 20)));
                at += read > 0 ? read : throw new SealException(SealRefusal.Truncated, "the file became shorter while it was read");
            }

            CheckRoot(start, header);
            return new Seal(null, null, start, header, path);
        }
        catch
        {
            NativeMemory.Free(start);
            throw;
        }
    }

    private static void CheckRoot(byte* start, SealHeader header)
    {
        if (MerkleTree.RootOf(start + SealLayout.HeaderSize, header.Length - SealLayout.HeaderSize) != header.Root)
        {
            throw new SealException(SealRefusal.Edited, $"Header.Root at 0x{SealLayout.Header.Root:x}: the entries are not the ones that were signed");
        }
    }

    private static Seal Map(FileStream stream, SealHeader header, string path)
    {
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        MemoryMappedViewAccessor? view = null;
        byte* start = null;
        try
        {
            view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            CheckRoot(start, header);
            return new Seal(file, view, start, header, path);
        }
        catch
        {
            if (start is not null)
            {
                view!.SafeMemoryMappedViewHandle.ReleasePointer();
            }

            view?.Dispose();
            file.Dispose();
            throw;
        }
    }

    private SealFacts ReadFacts()
    {
        try
        {
            SealFacts facts = JsonSerializer.Deserialize(new ReadOnlySpan<byte>(_start + _header.FactsAt, _header.FactsLength), SealFactsJson.Default.SealFacts)
                ?? throw new JsonException("they are null");
            return facts is { Volumes.Count: <= SealLayout.MaxVolumes, Scopes.Count: <= SealLayout.MaxScopes }
                ? facts
                : throw new JsonException("they name too many volumes or scopes");
        }
        catch (JsonException e)
        {
            throw new SealException(SealRefusal.NotASeal, $"Facts at 0x{_header.FactsAt:x}: {e.Message}", e);
        }
    }

    private SealEntry At(uint number) => new(this, number);
}
