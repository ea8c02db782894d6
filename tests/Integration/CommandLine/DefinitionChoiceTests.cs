using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>Which definitions are used when none are named, on machines with and without an AV product.</summary>
public sealed class DefinitionChoiceTests : IDisposable
{
    private const string OnlyEicar = "only the EICAR test file is known";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_any_the_embedded_ones_are_used_and_that_is_said()
    {
        Assert.Same(SignatureDatabase.Embedded, Load());
        Assert.Contains(OnlyEicar, Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_format_is_named_and_the_embedded_ones_are_used()
    {
        Assert.Same(SignatureDatabase.Embedded, Load(new DefinitionFolder("/closed", "A Product", IsReadable: false)));
        Assert.Equal(2, _warnings.Count);
        Assert.Contains("A Product in /closed are in a closed format", _warnings[0], StringComparison.Ordinal);
        Assert.Contains(OnlyEicar, _warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_can_be_read_is_used_and_named()
    {
        File.WriteAllText(_folder["local.hdb"], "900150983cd24fb0d6963f7d28e17f72:3:Local.Abc\n");

        SignatureDatabase database = Load(Readable());

        Assert.Equal((_folder.Path, 1), (database.Definitions.Source, database.Report.Loaded));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_folder_of_which_nothing_can_be_read_is_named_and_the_embedded_ones_are_used()
    {
        File.WriteAllText(_folder["main.cvd"], "ClamAV-VDB:");

        Assert.Same(SignatureDatabase.Embedded, Load(Readable()));
        Assert.Contains(_folder["main.cvd"], _warnings[0], StringComparison.Ordinal);
        Assert.Contains(OnlyEicar, _warnings[^1], StringComparison.Ordinal);
    }

    private DefinitionFolder Readable() => new(_folder.Path, "ClamAV", IsReadable: true);

    private SignatureDatabase Load(params DefinitionFolder[] folders)
        => DefinitionChoice.Load(null, new SignatureLoadOptions(), _warnings.Add, folders, TestContext.Current.CancellationToken);
}
