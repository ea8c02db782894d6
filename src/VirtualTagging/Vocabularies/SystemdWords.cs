namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The words and exit codes of systemd-detect-virt, so that scripts that ask it can ask here.</summary>
/// <remarks>
/// Source: systemd-detect-virt(1). Differences in what is found are meant: a leftover file makes no container, a root partition of Hyper-V no guest.
/// </remarks>
public static class SystemdWords
{
    /// <summary>The word for a machine without any virtualization.</summary>
    public const string None = "none";

    /// <summary>Gets the innermost: the container if there is one, else the hypervisor.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>The word.</returns>
    public static string Of(VirtualizationTag tag)
    {
        string container = Container(tag);
        return container != None ? container : Machine(tag);
    }

    /// <summary>Gets the hypervisor (<c>--vm</c>).</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>The word; <c>none</c> also for Xen's control domain and Hyper-V's root partition, which are no guests.</returns>
    public static string Machine(VirtualizationTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        if (tag.Machine != MachineKind.Virtual || tag.Hypervisor is not { } hypervisor || hypervisor.Product == Products.Wsl2)
        {
            return None;
        }

        string word = Products.Spoken(hypervisor)?.Systemd ?? "vm-other";
        return word == "qemu" && hypervisor.Family == Products.Kvm ? "kvm" : word;
    }

    /// <summary>Gets the container (<c>--container</c>).</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>The word; the Windows Subsystem for Linux is a container to systemd.</returns>
    public static string Container(VirtualizationTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return tag.Container?.Runtime switch
        {
            null => tag.Hypervisor?.Product == Products.Wsl2 ? "wsl" : None,
            "docker" or "podman" or "lxc" or "lxc-libvirt" or "openvz" or "rkt" or "systemd-nspawn" or "proot" or "pouch" => tag.Container.Runtime,
            "wsl1" => "wsl",
            "incus" => "lxc",
            _ => "container-other",
        };
    }
}
