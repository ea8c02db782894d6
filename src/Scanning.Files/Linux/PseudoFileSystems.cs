using System.Collections.Frozen;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>File systems that only show the kernel's state.</summary>
/// <remarks>Source: the kernel's <c>include/uapi/linux/magic.h</c>.</remarks>
internal static class PseudoFileSystems
{
    private static readonly FrozenSet<ulong> Kinds = FrozenSet.Create<ulong>(
        0x9fa0, // proc
        0x62656572, // sysfs
        0x1cd1, // devpts
        0x27e0eb, // cgroup
        0x63677270, // cgroup2
        0x64626720, // debugfs
        0x74726163, // tracefs
        0x73636673, // securityfs
        0xcafe4a11, // bpf
        0x6165676c, // pstore
        0xde5e81e4, // efivarfs
        0x19800202, // mqueue
        0x958458f6, // hugetlbfs
        0x62656570, // configfs
        0x65735543, // fusectl
        0x42494e4d, // binfmt_misc
        0x0187, // autofs
        0x67596969, // rpc_pipefs
        0xf97cff8c, // selinuxfs
        0x43415d53, // smackfs
        0x6e736673); // nsfs

    public static bool Contains(ulong kind) => Kinds.Contains(kind);
}
