using Symantec.Virtualization.DiskImages.FileSystems;

namespace Symantec.Virtualization.DiskImages;

/// <summary>A partition of an image and the file system in it.</summary>
public sealed class Volume
{
    private Volume(Partition partition, ByteSource content, FileSystem? fileSystem, ImageFault? fault, string remark)
    {
        Partition = partition;
        Content = content;
        FileSystem = fileSystem;
        Fault = fault;
        Remark = remark;
    }

    /// <summary>Gets the partition.</summary>
    public Partition Partition { get; }

    /// <summary>Gets the volume's name in paths: <c>p1</c>, or <c>p0</c> for a disk that is one volume.</summary>
    public string Name => $"p{Partition.Number}";

    /// <summary>Gets the volume's bytes.</summary>
    public ByteSource Content { get; }

    /// <summary>Gets the file system; <see langword="null"/> if there is none that can be read.</summary>
    public FileSystem? FileSystem { get; }

    /// <summary>
    /// Gets why there is something on the volume that cannot be read; <see langword="null"/> if there is a <see cref="FileSystem"/>, or nothing.
    /// </summary>
    public ImageFault? Fault { get; }

    /// <summary>Gets what a person should know of a volume without a file system: <c>unformatted</c>; else empty.</summary>
    public string Remark { get; }

    internal static Volume Detect(ByteSource disk, Partition partition, DiskImageOptions options)
    {
        ByteSource content = disk.Slice(partition.Offset, partition.Length);
        try
        {
            foreach (IFileSystemFormat format in options.FileSystems)
            {
                if (format.Recognizes(content))
                {
                    return new Volume(partition, content, format.Open(content), fault: null, remark: "");
                }
            }

            return WithoutFileSystem(partition, content);
        }
        catch (ImageFormatException e)
        {
            return new Volume(partition, content, fileSystem: null, e.Fault, remark: "");
        }
        catch (OverflowException e)
        {
            return new Volume(partition, content, fileSystem: null, ImageFormatException.From(e, "Volume", 0).Fault, remark: "");
        }
    }

    private static Volume WithoutFileSystem(Partition partition, ByteSource content)
    {
        if (ForeignFileSystems.Recognize(content) is { } foreign)
        {
            return Unreadable($"this looks like {foreign}, which is not read yet");
        }

        if (partition.IsReserved)
        {
            return new Volume(partition, content, fileSystem: null, fault: null, $"{partition.Type}: holds no files");
        }

        return BlankSpace.IsBlank(content) switch
        {
            true => new Volume(partition, content, fileSystem: null, fault: null, "unformatted"),
            null => Unreadable($"no file system that is known here, in {BlankSpace.MaxProbe} bytes of zeros; more follow, which were not read"),
            false => Unreadable("no file system that is known here"),
        };

        Volume Unreadable(string detail) => new(
            partition, content, fileSystem: null, new ImageFault(ImageFaultKind.Unsupported, "Volume", "", 0, detail), remark: "");
    }
}
