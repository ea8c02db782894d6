namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>What the record of the volume itself says.</summary>
/// <param name="Label">The volume's label; hostile.</param>
/// <param name="Version">The version of NTFS: <c>3.1</c>; <see langword="null"/> if it is not there.</param>
internal sealed record VolumeInformation(string Label, string? Version)
{
    private static class At
    {
        public const int MajorVersion = 0x8;
        public const int MinorVersion = 0x9;
    }

    public static VolumeInformation Parse(ReadOnlySpan<byte> slot, FileRecord record, long origin)
    {
        string label = "";
        string? version = null;
        AttributeWalk walk = new(slot, record, origin);
        while (walk.MoveNext())
        {
            NtfsAttribute attribute = walk.Current;
            if (attribute.Type == AttributeType.VolumeName)
            {
                label = NtfsText.Read(attribute.Value);
            }
            else if (attribute.Type == AttributeType.VolumeInformation)
            {
                FieldView view = new(attribute.Value, nameof(VolumeInformation), attribute.ValueOrigin);
                version = $"{view.U8(At.MajorVersion)}.{view.U8(At.MinorVersion)}";
            }
        }

        return new VolumeInformation(label, version);
    }
}
