using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

public class RunListTests
{
    private static readonly NtfsGeometry Geometry = new(new MemorySource(default), ClusterSize: 4096, ClusterCount: 1_000_000, RecordSize: 1024);

    public static TheoryData<string, string, ImageFaultKind, string, int> Broken => new()
    {
        { "a run of no clusters", "110005", ImageFaultKind.InvalidValue, "Length", 0 },
        { "a run of negative length", "11FF05", ImageFaultKind.InvalidValue, "Length", 0 },
        { "a run without a length", "1005", ImageFaultKind.InvalidValue, "Length", 0 },
        { "a run in front of the volume", "1104FF", ImageFaultKind.InvalidValue, "Distance", 0 },
        { "a second run in front of the volume", "11040A1104F0", ImageFaultKind.InvalidValue, "Distance", 3 },
        { "a run behind the volume", "3104404240", ImageFaultKind.InvalidValue, "Distance", 0 },
        { "a number of nine bytes", "19000000000000000001", ImageFaultKind.Truncated, "Header", 0 },
        { "a number that is cut off", "31040A", ImageFaultKind.Truncated, "Header", 0 },
        { "a length whose bytes cannot be counted", "08FFFFFFFFFFFFFF7F", ImageFaultKind.InvalidValue, "Length", 0 },
    };

    [Fact]
    public void Runs_and_holes_are_found_by_cluster()
    {
        // 4 clusters at 10, a hole of 3, 2 clusters at 8.
        RunList runs = Decode("11040A" + "0103" + "1102FE" + "00" + "FFFF");

        Assert.Equal(new ClusterRun(new Lcn(10), 4), runs.At(new Vcn(0)));
        Assert.Equal(new ClusterRun(new Lcn(13), 1), runs.At(new Vcn(3)));
        Assert.Equal(new ClusterRun(null, 3), runs.At(new Vcn(4)));
        Assert.Equal(new ClusterRun(new Lcn(9), 1), runs.At(new Vcn(8)));
        Assert.Equal((new Vcn(9), 6L, new Lcn(10)), (runs.End, runs.StoredClusters, runs.FirstStored!.Value));
    }

    [Fact]
    public void Cluster_0_is_a_place_and_not_a_hole() => Assert.Equal(new Lcn(0), Decode("110400").At(new Vcn(0)).Start);

    [Fact]
    public void A_cluster_that_no_run_maps_is_a_fault_and_not_zeros()
    {
        RunList runs = Decode("11040A");

        Assert.Equal((ImageFaultKind.Truncated, "MappingPairs"), KindOf(() => runs.At(new Vcn(4))));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_run_names_its_place(string because, string hex, ImageFaultKind kind, string field, int at)
    {
        ImageFault fault = Reading.Faults(() => Decode(hex));

        Assert.Equal(new ImageFault(kind, "MappingPairs", field, 0x1000 + at, fault.Detail), fault);
        Assert.False(string.IsNullOrEmpty(because));
    }

    [Fact]
    public void A_first_cluster_whose_bytes_cannot_be_counted_is_a_fault_also_without_runs()
    {
        ImageFault fault = Reading.Faults(() => RunList.Decode([0], 0x1000, new Vcn(1L << 62), Geometry));

        Assert.Equal(new ImageFault(ImageFaultKind.InvalidValue, "MappingPairs", "LowestVcn", 0x1000, fault.Detail), fault);
    }

    [Property(MaxTest = 300)]
    public void Runs_read_back_as_they_were_written(DoNotSize<int> seed, ushort first)
    {
        Random random = new(seed.Item);
        List<(long? Lcn, long Count)> expected = [];
        List<byte> pairs = [];
        long previous = 0;
        for (int i = random.Next(40); i > 0; i--)
        {
            long count = random.Next(1, 1 << random.Next(1, 20));
            long? lcn = random.Next(4) == 0 ? null : random.NextInt64(Geometry.ClusterCount - count);
            Write(pairs, count, lcn is null ? null : lcn - previous);
            previous = lcn ?? previous;
            expected.Add((lcn, count));
        }

        RunList runs = RunList.Decode([.. pairs, 0], 0, new Vcn(first), Geometry);

        long vcn = first;
        foreach ((long? lcn, long count) in expected)
        {
            Assert.Equal(new ClusterRun(lcn is null ? null : new Lcn(lcn.Value), count), runs.At(new Vcn(vcn)));
            long inside = random.NextInt64(count);
            Assert.Equal(new ClusterRun(lcn is null ? null : new Lcn(lcn.Value + inside), count - inside), runs.At(new Vcn(vcn + inside)));
            vcn += count;
        }

        Assert.Equal(vcn, runs.End.Value);
    }

    [Property(MaxTest = 500)]
    public void Any_bytes_decode_to_runs_on_the_volume_or_are_a_fault(byte[] bytes)
    {
        try
        {
            RunList runs = RunList.Decode(bytes, 0, new Vcn(0), Geometry);
            for (long vcn = 0; vcn < Math.Min(runs.End.Value, 10_000);)
            {
                ClusterRun run = runs.At(new Vcn(vcn));
                Assert.InRange(run.Start?.Value ?? 0, 0, Geometry.ClusterCount - (run.Start is null ? 0 : run.Clusters));
                vcn += run.Clusters;
            }
        }
        catch (ImageFormatException e)
        {
            Assert.Equal("MappingPairs", e.Fault.Structure);
        }
    }

    private static void Write(List<byte> pairs, long count, long? distance)
    {
        byte[] length = Signed(count);
        byte[] offset = distance is { } value ? Signed(value) : [];
        pairs.Add((byte)(length.Length | (offset.Length << 4)));
        pairs.AddRange(length);
        pairs.AddRange(offset);
    }

    /// <summary>The fewest bytes that keep a number and its sign.</summary>
    private static byte[] Signed(long value)
    {
        byte[] bytes = BitConverter.GetBytes(value);
        int size = 8;
        while (size > 1 && bytes[size - 1] == (value < 0 ? 0xFF : 0) && (bytes[size - 2] & 0x80) == (value < 0 ? 0x80 : 0))
        {
            size--;
        }

        return bytes[..size];
    }

    private static (ImageFaultKind Kind, string Structure) KindOf(Action action)
    {
        ImageFault fault = Reading.Faults(action);
        return (fault.Kind, fault.Structure);
    }

    private static RunList Decode(string hex) => RunList.Decode(Convert.FromHexString(hex), 0x1000, new Vcn(0), Geometry);
}
