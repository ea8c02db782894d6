namespace Symantec.Virtualization.Scanning.Core.Tests;

public class CompositeEngineTests
{
    public static TheoryData<string, Verdict, Verdict, Verdict> Verdicts => new()
    {
        { "clean to both is clean", Verdict.Clean, Verdict.Clean, Verdict.Clean },
        { "a threat that the first finds", Verdict.Infected("A"), Verdict.Clean, Verdict.Infected("A") },
        { "a threat that the second finds", Verdict.Clean, Verdict.Infected("B"), Verdict.Infected("B") },
        { "a threat counts before what failed", Verdict.Failed("x"), Verdict.Infected("B"), Verdict.Infected("B") },
        { "incomplete to one is not clean", Verdict.Clean, Verdict.Incomplete("limit"), Verdict.Incomplete("limit") },
        { "incomplete to the first is not clean", Verdict.Incomplete("limit"), Verdict.Clean, Verdict.Incomplete("limit") },
        { "what failed counts before what is incomplete", Verdict.Incomplete("limit"), Verdict.Failed("x"), Verdict.Failed("x") },
        { "the first of two that failed", Verdict.Failed("x"), Verdict.Failed("y"), Verdict.Failed("x") },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void A_content_is_clean_only_if_it_is_to_every_engine(string rule, Verdict first, Verdict second, Verdict expected)
    {
        CompositeEngine engine = new(new Fixed("one", first), new Fixed("two", second));

        Assert.True(expected == engine.Scan(new MemoryContent("x", new byte[1]), null, CancellationToken.None).Verdict, rule);
    }

    [Fact]
    public void The_second_is_not_asked_where_the_first_finds_a_threat()
    {
        Fixed second = new("two", Verdict.Clean);

        new CompositeEngine(new Fixed("one", Verdict.Infected("A")), second).Scan(new MemoryContent("x", new byte[1]), null, CancellationToken.None);

        Assert.Equal(0, second.Scans);
    }

    [Fact]
    public void Its_scope_changes_with_that_of_each()
    {
        Fixed one = new("one", Verdict.Clean);
        CompositeEngine engine = new(one, new Fixed("two", Verdict.Clean));
        CompositeEngine other = new(one, new Fixed("two", Verdict.Clean) { Version = 2 });

        Assert.Equal("one+two", engine.Name);
        Assert.Equal((2, 4, "1 + 1"), (engine.Definitions.Sequence, engine.Definitions.SignatureCount, engine.Definitions.Version));
        Assert.NotEqual(engine.Definitions, other.Definitions);
        Assert.NotEqual(engine.Profile, new CompositeEngine(one, new Fixed("two", Verdict.Clean) { Profile = new ScanProfile("x") }).Profile);
        Assert.NotEqual(engine.Definitions, new CompositeEngine(new Fixed("two", Verdict.Clean), one).Definitions);
    }

    [Fact]
    public void None_at_all_is_a_mistake() => Assert.Throws<ArgumentException>(() => new CompositeEngine());

    private sealed class Fixed(string name, Verdict verdict) : IScanEngine
    {
        public int Version { get; init; } = 1;

        public int Scans { get; private set; }

        public string Name => name;

        public ScanProfile Profile { get; init; } = ScanProfile.None;

        public DefinitionSet Definitions => new()
        {
            Engine = name,
            Version = Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Sequence = Version,
            SignatureCount = 2,
            Digest = ContentHash.Compute([(byte)Version, .. System.Text.Encoding.ASCII.GetBytes(name)]),
        };

        public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
        {
            Scans++;
            return new EngineVerdict(verdict, Definitions);
        }
    }
}
