namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>Opens the extents that a descriptor lists and joins them to one disk.</summary>
/// <remarks>An extent that cannot be opened leaves an unreadable gap and a fault: the rest of the disk is still there to be read.</remarks>
internal sealed class VmdkExtents(ContainerContext context, List<ImageFault> faults)
{
    private readonly ExtentCaches _caches = new(context.Options.CacheBytes);

    /// <summary>Opens all extents of a descriptor.</summary>
    /// <exception cref="ImageFormatException">There is none, or none of them can be opened.</exception>
    public ByteSource Open(VmdkDescriptor descriptor)
    {
        List<ByteSource> parts = [];
        try
        {
            long size = 0;
            foreach (VmdkExtentLine line in descriptor.Extents)
            {
                size += line.Size.Bytes <= long.MaxValue - size
                    ? line.Size.Bytes
                    : throw new ImageFormatException(line.Fault(ImageFaultKind.InvalidValue, "Size", "the extents are above 2^63 - 1 bytes together"));
                parts.Add(OpenOrGap(line));
            }

            if (parts.TrueForAll(static part => part is UnreadableSource))
            {
                throw new ImageFormatException(faults.Count > 0
                    ? faults[0]
                    : new ImageFault(ImageFaultKind.InvalidValue, VmdkDescriptor.Structure, "Extent", 0, "there is none"));
            }

            return new ConcatenatedSource(parts);
        }
        catch
        {
            parts.ForEach(static part => part.Dispose());
            throw;
        }
    }

    private ByteSource OpenOrGap(VmdkExtentLine line)
    {
        try
        {
            return OpenExtent(line);
        }
        catch (UnauthorizedAccessException e)
        {
            ImageFault fault = line.Fault(ImageFaultKind.Missing, "FileName", $"the host does not let it be read: {e.Message}");
            faults.Add(fault);
            return new UnreadableSource(line.Size.Bytes, fault);
        }
        catch (ImageFormatException e)
        {
            ImageFault fault = e.Fault.Structure == VmdkDescriptor.Structure ? e.Fault : e.Fault with { File = line.FileName };
            faults.Add(fault);
            return new UnreadableSource(line.Size.Bytes, fault);
        }
    }

    private ByteSource OpenExtent(VmdkExtentLine line)
    {
        if (line.Access.Equals("NOACCESS", StringComparison.OrdinalIgnoreCase))
        {
            throw new ImageFormatException(line.Fault(ImageFaultKind.Unsupported, "Access", "the extent is closed to its machine (NOACCESS)"));
        }

        return line.Kind switch
        {
            VmdkExtentKind.Zero => new HoleSource(line.Size.Bytes),
            VmdkExtentKind.Flat => OpenFlat(line),
            VmdkExtentKind.Sparse => OpenSparse(line),
            _ => throw new ImageFormatException(line.Fault(
                ImageFaultKind.Unsupported, "Kind", $"extents of kind \"{line.KindWord}\" are not read yet")),
        };
    }

    /// <summary>A flat extent's file is taken as it is, whatever it looks like: its content is the guest's to choose.</summary>
    private ByteSource OpenFlat(VmdkExtentLine line)
    {
        ByteSource file = OpenFile(line);
        long start = Math.Min(line.FileOffset.Bytes, file.Length);
        long present = Math.Min(line.Size.Bytes, file.Length - start);
        long missing = line.Size.Bytes - present;
        SlicedSource stored = new(file, start, present, ownsWhole: true);
        if (missing == 0)
        {
            return stored;
        }

        ImageFault fault = new(
            ImageFaultKind.Truncated, "FlatExtent", "", file.Length, $"the file ends {missing} bytes before the extent does")
        { File = line.FileName };
        faults.Add(fault);
        return new ConcatenatedSource([stored, new UnreadableSource(missing, fault)]);
    }

    private SlicedSource OpenSparse(VmdkExtentLine line)
    {
        ByteSource file = OpenFile(line);
        try
        {
            Span<byte> bytes = stackalloc byte[SparseHeader.Size];
            file.ReadExactly(0, bytes, "SparseExtentHeader");
            SparseHeader header = SparseHeader.Parse(bytes, 0);
            if (header.Capacity.Value < line.Size.Value)
            {
                throw new ImageFormatException(line.Fault(
                    ImageFaultKind.Mismatch, "Size", $"the descriptor says {line.Size}, the extent's header {header.Capacity}"));
            }

            SparseExtent extent = new(file, header, _caches);
            return new SlicedSource(extent, 0, line.Size.Bytes, ownsWhole: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private ByteSource OpenFile(VmdkExtentLine line)
        => context.Files.Open(line.FileName, line.Fault(ImageFaultKind.Missing, "FileName", ""));
}
