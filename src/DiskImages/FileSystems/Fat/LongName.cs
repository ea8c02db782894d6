using System.Runtime.InteropServices;
using System.Text;

namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>Collects a long name from the entries in front of a short one, last part first.</summary>
/// <remarks>
/// Source: Microsoft FAT specification (fatgen103), section "FAT Long Directory Entries". Parts that do not belong to the short entry behind them are
/// left by systems that know no long names, and count for nothing.
/// </remarks>
internal sealed class LongName
{
    private const int CharactersPerPart = 13;
    private const int MaxParts = 20;
    private const byte LastPart = 0x40;

    private readonly char[] _characters = new char[MaxParts * CharactersPerPart];
    private int _parts;
    private int _nextPart;
    private byte _checksum;

    /// <summary>Takes the next entry of a long name.</summary>
    public void Add(ReadOnlySpan<byte> entry)
    {
        int part = entry[0] & ~LastPart;
        if ((entry[0] & LastPart) != 0)
        {
            _parts = part is >= 1 and <= MaxParts ? part : 0;
            _nextPart = _parts;
            _checksum = entry[0x0D];
        }

        if (part == 0 || part != _nextPart || entry[0x0D] != _checksum)
        {
            Clear();
            return;
        }

        Span<char> target = _characters.AsSpan((part - 1) * CharactersPerPart, CharactersPerPart);
        Units(entry[0x01..0x0B]).CopyTo(target);
        Units(entry[0x0E..0x1A]).CopyTo(target[5..]);
        Units(entry[0x1C..0x20]).CopyTo(target[11..]);
        _nextPart--;
    }

    /// <summary>Forgets what was collected.</summary>
    public void Clear()
    {
        _parts = 0;
        _nextPart = 0;
    }

    /// <summary>Takes the name for a short entry; <see langword="null"/> if there is none that is whole and belongs to it.</summary>
    /// <param name="checksum">The checksum of the short name.</param>
    public string? TakeFor(byte checksum)
    {
        string? name = null;
        if (_parts > 0 && _nextPart == 0 && _checksum == checksum)
        {
            ReadOnlySpan<char> all = _characters.AsSpan(0, _parts * CharactersPerPart);
            int end = all.IndexOf('\0');
            name = new string(end < 0 ? all : all[..end]);
        }

        Clear();
        return string.IsNullOrEmpty(name) ? null : name;
    }

    private static ReadOnlySpan<char> Units(ReadOnlySpan<byte> bytes)
        => BitConverter.IsLittleEndian ? MemoryMarshal.Cast<byte, char>(bytes) : Encoding.Unicode.GetString(bytes);
}
