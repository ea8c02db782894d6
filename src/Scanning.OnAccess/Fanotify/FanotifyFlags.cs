namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>The kernel's numbers. Source: <c>linux/fanotify.h</c>.</summary>
internal static class Fan
{
    public const ulong Modify = 0x2;
    public const ulong Attributes = 0x4;
    public const ulong CloseWrite = 0x8;
    public const ulong MovedFrom = 0x40;
    public const ulong MovedTo = 0x80;
    public const ulong Create = 0x100;
    public const ulong Delete = 0x200;
    public const ulong QueueOverflow = 0x4000;
    public const ulong OpenPermission = 0x1_0000;
    public const ulong OpenExecPermission = 0x4_0000;
    public const ulong OnFolder = 0x4000_0000;

    public const uint CloseOnExec = 0x1;
    public const uint NonBlocking = 0x2;
    public const uint ClassNotification = 0x0;
    public const uint ClassContent = 0x4;
    public const uint ReportFileHandle = 0x200;
    public const uint ReportFolderHandle = 0x400;
    public const uint ReportName = 0x800;

    public const uint MarkAdd = 0x1;
    public const uint MarkRemove = 0x2;
    public const uint MarkMount = 0x10;
    public const uint MarkIgnoredMask = 0x20;
    public const uint MarkFlush = 0x80;
    public const uint MarkFileSystem = 0x100;
    public const uint MarkEvictable = 0x200;

    public const uint Allow = 1;
    public const uint Deny = 2;
}
