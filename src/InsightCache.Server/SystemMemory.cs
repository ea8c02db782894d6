using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Memory of the tables and of the log: zeroed, of fixed size, outside the managed heap. Lives until it is disposed and the last lease has ended.</summary>
/// <remarks>
/// Pages come from the system when they are first touched, so a large empty table costs nothing yet. On Linux the block starts at a multiple of 2 MiB and asks for huge
/// pages: a lookup touches two or three random lines, and without them nearly each is a miss in the page tables as well (1.6 times the lookups at 20 million entries); and a disk that takes
/// the log from here is told of few pages instead of thousands.
/// </remarks>
internal sealed partial class SystemMemory : SafeHandle
{
    private const int HugePage = 2 << 20;

    private readonly bool _mapped;

    /// <summary>Takes memory from the system.</summary>
    /// <param name="budget">The most to take, in bytes.</param>
    /// <exception cref="InsufficientMemoryException">The system gives no such memory.</exception>
    public SystemMemory(long budget)
        : base(0, ownsHandle: true)
    {
        Bytes = budget / Environment.SystemPageSize * Environment.SystemPageSize;
        _mapped = OperatingSystem.IsLinux() || OperatingSystem.IsWindows();
        nint start = OperatingSystem.IsLinux() ? MapLinux(Bytes)
            : OperatingSystem.IsWindows() ? VirtualAlloc(0, (nuint)Bytes, AllocationType: 0x3000, Protect: 0x04)
            : Allocate(Bytes);
        if (start == 0)
        {
            throw new InsufficientMemoryException($"The system gives no {Bytes} bytes of memory (error {Marshal.GetLastPInvokeError()}). Choose a smaller budget.");
        }

        SetHandle(start);
    }

    /// <summary>Gets the size: all whole pages that the budget holds.</summary>
    public long Bytes { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>Keeps the memory while it is used.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public Lease Borrow() => new(this);

    protected override bool ReleaseHandle()
    {
        if (!_mapped)
        {
            unsafe
            {
                NativeMemory.AlignedFree((void*)handle);
            }

            return true;
        }

        return OperatingSystem.IsWindows() ? VirtualFree(handle, 0, FreeType: 0x8000) : munmap(handle, (nuint)Bytes) == 0;
    }

    private static nint MapLinux(long bytes)
    {
        const int ReadWrite = 0x3;
        const int PrivateAnonymous = 0x22;
        const int AdviseHugePages = 14;

        // One huge page more than is kept: what lies before the aligned start and behind the end goes back at once.
        nint start = mmap(0, (nuint)(bytes + HugePage), ReadWrite, PrivateAnonymous, -1, 0);
        if (start == -1)
        {
            return 0;
        }

        nint aligned = (start + HugePage - 1) & ~(HugePage - 1);
        if (aligned > start)
        {
            _ = munmap(start, (nuint)(aligned - start));
        }

        _ = munmap((nint)(aligned + bytes), (nuint)(start + HugePage - aligned));

        // A system without huge pages refuses, which costs speed only.
        _ = madvise(aligned, (nuint)bytes, AdviseHugePages);
        return aligned;
    }

    private static unsafe nint Allocate(long bytes)
    {
        try
        {
            void* start = NativeMemory.AlignedAlloc((nuint)bytes, 64);
            NativeMemory.Clear(start, (nuint)bytes);
            return (nint)start;
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int madvise(nint address, nuint length, int advice);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    private static partial nint VirtualAlloc(nint Address, nuint Size, uint AllocationType, uint Protect);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualFree(nint Address, nuint Size, uint FreeType);

    /// <summary>The right to use the memory until it is given back.</summary>
    internal readonly ref struct Lease
    {
        private readonly SystemMemory _memory;

        public Lease(SystemMemory memory)
        {
            bool taken = false;
            memory.DangerousAddRef(ref taken);
            _memory = memory;
        }

        public void Dispose() => _memory.DangerousRelease();
    }
}
