using System.IO.Hashing;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>One walk over the members of a container: what the readers of all formats have in common.</summary>
/// <remarks>
/// Readers hand members in and stop as soon as that returns <see langword="false"/>. Unpackers run inside <see cref="Deliver(MemberInfo, Func{Stream})"/> and <see cref="Try"/> only,
/// which turn their exceptions into something incomplete; the visitor never runs inside such a guard.
/// </remarks>
internal sealed class MemberWalk(ScanContent container, FileType type, ArchiveBudget budget, IMemberVisitor visitor, CancellationToken token)
{
    private const int MaxNameLength = 256;
    private const int ChunkSize = 64 << 10;
    private const long RatioFrom = 16L << 20;

    private int _position;
    private bool _stopped;

    public ScanContent Container { get; } = container;

    public ArchiveLimits Limits => budget.Limits;

    /// <summary>Gets whether members are still wanted.</summary>
    public bool IsOpen => !_stopped;

    /// <summary>Opens a stretch of the container as a stream.</summary>
    public ContentStream Stream(long start, long length) => new(Container, start, length, budget, token);

    /// <summary>Opens the rest of the container as a stream.</summary>
    public ContentStream Stream(long start = 0) => Stream(start, Container.Length - start);

    /// <summary>Reads bytes of the container.</summary>
    /// <exception cref="ArchiveFormatException">It ends before.</exception>
    /// <exception cref="ArchiveLimitException">Time is up.</exception>
    public void Read(long offset, Span<byte> buffer, string structure)
    {
        token.ThrowIfCancellationRequested();
        if (!budget.HasTime())
        {
            throw new ArchiveLimitException(budget.Exhausted!);
        }

        if (offset < 0 || offset > Container.Length || Container.Read(offset, buffer) != buffer.Length)
        {
            throw new ArchiveFormatException($"{structure} at 0x{offset:X}: needs {buffer.Length} bytes, {Math.Max(0, Container.Length - offset)} left");
        }
    }

    public MemberInfo Info(string name) => new(Shorten(name), ++_position);

    public void Incomplete(string why) => visitor.Incomplete($"{Container.Location}: {why}");

    public void Incomplete(MemberInfo member, string why) => visitor.Incomplete($"{MemberContent.Locate(Container, member.Name)}: {why}");

    /// <summary>Runs an unpacker's code that hands no member in.</summary>
    /// <returns><see langword="false"/> if it failed, which was said then.</returns>
    public bool Try(string what, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (UnpackerFaults.Include(e))
        {
            Incomplete($"{what}: {e.Message}");
            return false;
        }
    }

    /// <summary>Says of a member that it cannot be opened.</summary>
    /// <returns><see langword="false"/> if no more members are wanted.</returns>
    public bool Skip(MemberInfo member, string why)
    {
        if (!Take())
        {
            return false;
        }

        Incomplete(member, why);
        return true;
    }

    /// <summary>Hands in a member that lies in the container as it is.</summary>
    /// <returns><see langword="false"/> if no more members are wanted.</returns>
    public bool DeliverWindow(MemberInfo member, long start, long length)
    {
        if (!Take())
        {
            return false;
        }

        long left = Math.Max(0, Container.Length - Math.Max(0, start));
        if (length < 0 || start < 0 || length > left)
        {
            Incomplete(member, $"cut off: {length:N0} bytes at 0x{start:X}, {left:N0} left");
            length = start < 0 ? 0 : left;
        }

        using WindowContent content = new(Container, member.Name, start, length);
        return Visit(member, content);
    }

    /// <summary>Hands in a member that is already unpacked.</summary>
    /// <returns><see langword="false"/> if no more members are wanted.</returns>
    public bool Deliver(MemberInfo member, ReadOnlySpan<byte> bytes)
    {
        if (!Take())
        {
            return false;
        }

        using MemberContent content = new(Container, member.Name);
        if (!budget.TakeBytes(bytes.Length))
        {
            return Stop();
        }

        content.Append(bytes);
        return Visit(member, content);
    }

    /// <summary>Unpacks a member and hands in what could be unpacked.</summary>
    /// <returns><see langword="false"/> if no more members are wanted.</returns>
    public bool Deliver(MemberInfo member, Func<Stream> open)
    {
        if (!Take())
        {
            return false;
        }

        using MemberContent content = new(Container, member.Name);
        if (Unpack(member, open, content) is { } fault)
        {
            Incomplete(member, fault);
        }

        // What was unpacked before a limit was reached is looked at all the same.
        return Visit(member, content) && (budget.Exhausted is null || Stop());
    }

    /// <summary>Unpacks a member into a content.</summary>
    /// <returns>What went wrong; <see langword="null"/> if nothing did.</returns>
    private string? Unpack(MemberInfo member, Func<Stream> open, MemberContent content)
    {
        Crc32 crc = new();
        byte[] chunk = new byte[(int)Math.Clamp(member.StatedLength + 1 ?? ChunkSize, 512, ChunkSize)];
        try
        {
            using Stream stream = open();
            while (true)
            {
                token.ThrowIfCancellationRequested();
                int read = stream.Read(chunk, 0, chunk.Length);
                if (read <= 0)
                {
                    break;
                }

                if (content.Length + read > Limits.MaxMemberLength)
                {
                    return $"longer than {Limits.MaxMemberLength:N0} bytes";
                }

                Append(content, chunk.AsSpan(0, read));
                crc.Append(chunk.AsSpan(0, read));
                if (!budget.TakeBytes(read))
                {
                    return budget.Exhausted;
                }

                if (content.Length > RatioFrom && content.Length / Limits.MaxRatio > (member.PackedLength ?? Container.Length))
                {
                    return $"more than {Limits.MaxRatio:N0} times as long as it was packed";
                }
            }
        }
        catch (Exception e) when (UnpackerFaults.Include(e))
        {
            return $"cannot be unpacked further than {content.Length:N0} bytes: {e.Message}";
        }

        return member.StatedLength is { } length && length != content.Length ? $"has {content.Length:N0} bytes instead of {length:N0}"
            : member.Crc32 is { } stated && crc.GetCurrentHashAsUInt32() != stated ? "does not have the checksum that is stated"
            : null;
    }

    /// <summary>A temporary file that cannot be written is the host's trouble, not the archive's.</summary>
    private static void Append(MemberContent content, ReadOnlySpan<byte> bytes)
    {
        try
        {
            content.Append(bytes);
        }
        catch (IOException e)
        {
            throw new ContainerReadException(e);
        }
    }

    private bool Take() => !_stopped && (budget.TakeMember() || Stop());

    private bool Stop()
    {
        if (!_stopped)
        {
            _stopped = true;
            Incomplete($"not all members were opened: {budget.Exhausted}");
        }

        return false;
    }

    private bool Visit(MemberInfo member, ScanContent content)
    {
        token.ThrowIfCancellationRequested();
        _stopped |= !visitor.Visit(type, member, content);
        return !_stopped;
    }

    private static string Shorten(string name) => name.Length <= MaxNameLength ? name : $"{name.AsSpan(0, MaxNameLength - 1)}…";
}
