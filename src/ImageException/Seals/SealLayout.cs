namespace Symantec.Virtualization.ImageException;

/// <summary>Where things are in a seal's file; little-endian throughout. Drawn in the package's README.</summary>
internal static class SealLayout
{
    public const uint Version = 1;
    public const int HeaderSize = 256;
    public const int SignedSize = 192;
    public const int SignatureSize = 64;
    public const int EntrySize = 96;
    public const int SlotSize = sizeof(uint);
    public const int BlockSize = 4096;

    /// <summary>A hundred million files are 10 GB of catalogue.</summary>
    public const uint MaxEntries = 100_000_000;

    public const int MaxFactsLength = 4 << 20;
    public const int MaxVolumes = 256;
    public const int MaxScopes = 4096;
    public const int MaxPathLength = ushort.MaxValue;

    /// <summary>A time that is not known.</summary>
    public const long NoTime = long.MinValue;

    public static ReadOnlySpan<byte> Magic => "VIESEAL\0"u8;

    /// <summary>The header.</summary>
    public static class Header
    {
        public const int Magic = 0;
        public const int Version = 8;
        public const int Flags = 12;
        public const int SealId = 16;
        public const int ImageId = 32;
        public const int Number = 48;
        public const int SealedAt = 56;
        public const int EntryCount = 64;
        public const int SlotCount = 68;
        public const int PathsLength = 72;
        public const int FactsLength = 80;
        public const int Root = 96;
        public const int KeyId = 128;
        public const int Signature = SignedSize;
    }

    /// <summary>An entry.</summary>
    public static class Entry
    {
        public const int FileId = 0;
        public const int Size = 16;
        public const int Modified = 24;
        public const int Changed = 32;
        public const int Created = 40;
        public const int LastUsn = 48;
        public const int Hash = 56;
        public const int PathOffset = 88;
        public const int Volume = 92;
        public const int Flags = 93;
        public const int Scope = 94;
    }

    /// <summary>The slots for a number of entries: a power of two of which at most three quarters are taken.</summary>
    public static uint SlotsFor(uint entries)
    {
        ulong wanted = ((ulong)entries * 4 / 3) + 1;
        return checked((uint)System.Numerics.BitOperations.RoundUpToPowerOf2(wanted));
    }

    /// <summary>Finds the slot where the search for a file begins.</summary>
    public static uint SlotOf(byte volume, UInt128 fileId, uint slots)
    {
        unchecked
        {
            // Multiply, fold, multiply: file numbers follow one another, slots must not. The catalogue is signed, so nobody hostile chooses what is in it.
            ulong mixed = ((ulong)fileId ^ ((ulong)(fileId >> 64) * 0xc2b2ae3d27d4eb4f) ^ volume) * 0x9e3779b97f4a7c15;
            mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
            return (uint)(mixed >> 32) & (slots - 1);
        }
    }
}

/// <summary>What holds of a whole seal.</summary>
[Flags]
internal enum SealFlags : uint
{
    None = 0,

    /// <summary>Marks are still being written: the identities are those from before.</summary>
    Unfinished = 1,

    /// <summary>The files were hashed and not scanned.</summary>
    ScanSkipped = 2,

    /// <summary>Every file bears a mark.</summary>
    Marked = 4,
}

/// <summary>What holds of an entry.</summary>
[Flags]
internal enum EntryFlags : byte
{
    None = 0,

    /// <summary>The file was withdrawn: it changed while it was sealed, or is gone. Its number is not used for another in this seal.</summary>
    Void = 1,

    /// <summary>No user can set the time of change.</summary>
    Guarded = 2,

    /// <summary>The file bears its mark, and the identity is the one that it has with it.</summary>
    Marked = 4,
}
