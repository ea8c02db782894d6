using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>The text that describes a VMDK: its kind, its parent and the extents that it is made of.</summary>
/// <remarks>Source: VMware Virtual Disk Format 1.1, "The Descriptor File"; leniency in case, spaces and encoding follows what products write.</remarks>
internal sealed class VmdkDescriptor
{
    public const string Structure = "Descriptor";

    /// <summary>qemu reads no larger descriptor; VMware's have a few KiB.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>A 64 TiB disk in 2 GB pieces has 32,768 extents.</summary>
    private const int MaxExtents = 1 << 16;

    /// <summary>The parent's content id of a disk that has no parent.</summary>
    private const string NoParent = "ffffffff";

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<VmdkExtentLine> _extents = [];

    private VmdkDescriptor()
    {
    }

    public IReadOnlyList<VmdkExtentLine> Extents => _extents;

    /// <summary>Gets the kind of disk in the format's words, or an empty text.</summary>
    public string CreateType => _values.GetValueOrDefault("createType", "");

    /// <summary>Gets a value indicating whether the disk holds only what differs from a parent's content.</summary>
    public bool HasParent => !_values.GetValueOrDefault("parentCID", NoParent).Equals(NoParent, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the parent's file as the descriptor names it, or an empty text.</summary>
    public string ParentHint => _values.GetValueOrDefault("parentFileNameHint", "");

    /// <summary>Tells whether bytes begin a descriptor: comments and blank lines, then a version.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> beginning)
    {
        foreach (Range line in beginning.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> text = Trim(beginning[line]);
            if (text.StartsWith("#"u8))
            {
                if (Ascii.EqualsIgnoreCase(text, "# Disk DescriptorFile"u8))
                {
                    return true;
                }
            }
            else if (text.Length > 0)
            {
                return text.Length > 8 && Ascii.EqualsIgnoreCase(text[..7], "version"u8) && text.Contains((byte)'=');
            }
        }

        return false;

        static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\r"u8);
    }

    /// <summary>Reads a descriptor.</summary>
    /// <param name="bytes">The text's bytes; what follows a NUL is padding.</param>
    /// <param name="origin">The offset of the text in its file.</param>
    public static VmdkDescriptor Parse(ReadOnlySpan<byte> bytes, long origin)
    {
        VmdkDescriptor descriptor = new();
        int padding = bytes.IndexOf((byte)0);
        bytes = padding < 0 ? bytes : bytes[..padding];
        Encoding encoding = DescriptorEncoding.Detect(bytes);
        foreach (Range line in bytes.Split((byte)'\n'))
        {
            string text = encoding.GetString(bytes[line]).Trim();
            if (text.Length > 0 && text[0] != '#')
            {
                descriptor.Add(text, origin + line.Start.Value);
            }
        }

        if (!descriptor._values.TryGetValue("version", out string? version))
        {
            throw Fault(ImageFaultKind.InvalidValue, "version", origin, "there is none");
        }

        return int.TryParse(version, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 3
            ? descriptor
            : throw Fault(ImageFaultKind.Unsupported, "version", origin, $"version \"{version}\" is not 1, 2 or 3");
    }

    private static ImageFormatException Fault(ImageFaultKind kind, string field, long offset, string detail)
        => new(new ImageFault(kind, Structure, field, offset, detail));

    private void Add(string line, long offset)
    {
        if (VmdkExtentLine.Recognizes(line))
        {
            if (_extents.Count == MaxExtents)
            {
                throw Fault(ImageFaultKind.LimitExceeded, "Extent", offset, $"more than {MaxExtents} extents");
            }

            _extents.Add(VmdkExtentLine.Parse(line, offset));
            return;
        }

        int equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0)
        {
            // The first of several wins, as in VMware's own reader; lines of other shapes are none of a reader's business.
            _values.TryAdd(line[..equals].TrimEnd(), line[(equals + 1)..].Trim().Trim('"'));
        }
    }
}
