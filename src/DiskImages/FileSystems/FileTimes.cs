namespace Symantec.Virtualization.DiskImages;

/// <summary>The times that a file system keeps for a file; <see langword="null"/> where it keeps none or what it holds is no time.</summary>
/// <remarks>NTFS keeps UTC. FAT keeps the guest's local time and no zone: its times are of <see cref="DateTimeKind.Unspecified"/>.</remarks>
/// <param name="Created">When the file came into being.</param>
/// <param name="Modified">When its content last changed, or what somebody set since.</param>
/// <param name="Changed">When its content or its properties last changed; only NTFS keeps it.</param>
/// <param name="Accessed">When it was last opened; most guests seldom update it.</param>
public readonly record struct FileTimes(DateTime? Created, DateTime? Modified, DateTime? Changed, DateTime? Accessed);
