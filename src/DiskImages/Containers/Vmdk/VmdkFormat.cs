using System.Buffers.Binary;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>VMware's virtual disk format: sparse, flat and split disks, and stream-optimized ones as OVA packages hold them.</summary>
/// <remarks>
/// Not read yet, and refused by name rather than read wrongly: snapshots (disks with a parent), ESX sparse extents (COWD, seSparse).
/// </remarks>
public sealed class VmdkFormat : IContainerFormat
{
    /// <summary>Enough of a file to know a descriptor by: its comments come first.</summary>
    private const int ProbeSize = 4096;

    private const uint CowdMagic = 0x44574F43;
    private const uint SeSparseMagic = 0xCAFEBABE;

    /// <inheritdoc/>
    public string Name => "VMDK";

    /// <inheritdoc/>
    public bool Recognizes(ByteSource file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Span<byte> beginning = stackalloc byte[ProbeSize];
        beginning = beginning[..file.Read(0, beginning)];
        return Magic(beginning) is SparseHeader.MagicNumber or CowdMagic or SeSparseMagic
            || VmdkDescriptor.Recognizes(beginning);
    }

    /// <inheritdoc/>
    public VirtualDisk Open(ByteSource file, ContainerContext context)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(context);
        Span<byte> header = stackalloc byte[SparseHeader.Size];
        header = header[..file.Read(0, header)];
        return Magic(header) switch
        {
            SparseHeader.MagicNumber => OpenSparse(file, SparseHeader.Parse(header, 0), context),
            CowdMagic => throw Unsupported("\"COWD\" (an ESX snapshot or thin disk)"),
            SeSparseMagic => throw Unsupported("seSparse (an ESX snapshot)"),
            _ => OpenDescribed(file, ReadDescriptor(file, 0, file.Length), context),
        };
    }

    private static VirtualDisk OpenSparse(ByteSource file, SparseHeader header, ContainerContext context)
    {
        List<ImageFault> faults = [];
        VmdkDescriptor? descriptor = EmbeddedDescriptor(file, header, faults);
        if (header.Capacity.Value == 0 && descriptor is not null)
        {
            return OpenDescribed(file, descriptor, context);
        }

        RefuseParent(descriptor);

        // The embedded descriptor names its own file, and still does so after somebody renamed the file: it is not asked.
        SparseExtent extent = new(file, header, new ExtentCaches(context.Options.CacheBytes));
        return new VirtualDisk("VMDK", descriptor?.CreateType ?? "sparse extent", extent, faults);
    }

    private static VmdkDescriptor? EmbeddedDescriptor(ByteSource file, SparseHeader header, List<ImageFault> faults)
    {
        if (header.DescriptorOffset.Value == 0 || header.DescriptorSize.Value == 0)
        {
            return null;
        }

        try
        {
            return ReadDescriptor(file, header.DescriptorOffset.Bytes, header.DescriptorSize.Bytes);
        }
        catch (ImageFormatException e)
        {
            // The grains are found without it; what is lost is whether there is a parent, so the disk is not sound.
            faults.Add(e.Fault);
            return null;
        }
    }

    private static VirtualDisk OpenDescribed(ByteSource file, VmdkDescriptor descriptor, ContainerContext context)
    {
        RefuseParent(descriptor);
        List<ImageFault> faults = [];
        VmdkExtents extents = new(context, faults);
        ByteSource content = extents.Open(descriptor);
        return new VirtualDisk("VMDK", descriptor.CreateType, content, faults, file);
    }

    private static VmdkDescriptor ReadDescriptor(ByteSource file, long offset, long size)
    {
        if (size > VmdkDescriptor.MaxSize)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.LimitExceeded, VmdkDescriptor.Structure, "", offset, $"{size} bytes are above {VmdkDescriptor.MaxSize}"));
        }

        byte[] text = new byte[size];
        file.ReadExactly(offset, text, VmdkDescriptor.Structure);
        return VmdkDescriptor.Parse(text, offset);
    }

    private static void RefuseParent(VmdkDescriptor? descriptor)
    {
        if (descriptor is { HasParent: true })
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Unsupported, VmdkDescriptor.Structure, "parentCID", 0,
                $"the disk is a snapshot of \"{descriptor.ParentHint}\", and snapshots are not read yet"));
        }
    }

    private static uint Magic(ReadOnlySpan<byte> beginning)
        => BinaryPrimitives.TryReadUInt32LittleEndian(beginning, out uint magic) ? magic : 0;

    private static ImageFormatException Unsupported(string what)
        => new(new ImageFault(ImageFaultKind.Unsupported, "Extent", "Magic", 0, $"{what} is not read yet"));
}
