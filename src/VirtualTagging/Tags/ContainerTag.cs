namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The container that the process runs in.</summary>
/// <param name="Runtime">
/// What runs it: <c>docker</c>, <c>podman</c>, <c>containerd</c>, <c>cri-o</c>, <c>lxc</c>, <c>incus</c>, <c>systemd-nspawn</c>, <c>wsl1</c>, <c>windows</c> ...;
/// <c>other</c> if that is not known.
/// </param>
/// <param name="Orchestrator"><c>kubernetes</c>, or <see langword="null"/>.</param>
public sealed record ContainerTag(string Runtime, string? Orchestrator = null);
