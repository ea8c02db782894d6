using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

/// <summary>Everything that is found in a content, at every depth: what an engine does with archives, without the engine.</summary>
internal sealed class Unpacked : IMemberVisitor
{
    private readonly ArchiveBudget _budget;
    private readonly CancellationToken _token;

    private Unpacked(ArchiveBudget budget, CancellationToken token)
    {
        _budget = budget;
        _token = token;
    }

    public List<(string Location, byte[] Bytes)> Contents { get; } = [];

    public List<MemberInfo> Members { get; } = [];

    public List<string> Faults { get; } = [];

    public long Total { get; private set; }

    public static Unpacked From(ScanContent content, ArchiveLimits? limits = null, TimeProvider? time = null)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        Unpacked unpacked = new(new ArchiveBudget(limits ?? ArchiveLimits.Default, time ?? TimeProvider.System), token);
        unpacked.Open(content);
        return unpacked;
    }

    public static Unpacked From(byte[] bytes, ArchiveLimits? limits = null, TimeProvider? time = null)
        => From(new MemoryContent("outer", bytes), limits, time);

    public bool Contains(byte[] bytes) => Contents.Exists(content => content.Bytes.AsSpan().SequenceEqual(bytes));

    public bool Visit(FileType container, MemberInfo member, ScanContent content)
    {
        Members.Add(member);
        byte[] bytes = new byte[(int)Math.Min(content.Length, 1 << 20)];
        Assert.Equal(bytes.Length, content.Read(0, bytes));
        Contents.Add((content.Location, bytes));
        Total += content.Length;
        Open(content);
        return true;
    }

    public void Incomplete(string why) => Faults.Add(why);

    private void Open(ScanContent content)
    {
        byte[] head = new byte[(int)Math.Min(content.Length, FileTypes.HeadSize)];
        content.Read(0, head);
        FileType type = FileTypes.Identify(head, content.Length);
        ArchiveMarks? marks = Archives.MarksIn(type);
        ContentPass.Run(content, marks is null ? null : marks.Append, HoleHandling.Skip, _token);
        Archives.Open(content, type, marks, _budget, this, _token);
    }
}
