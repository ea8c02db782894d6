using System.Text.Json;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>Images that are sealed by OfflineScan without being started, and their clones.</summary>
public sealed class OfflineSealTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OfflineSealTests()
    {
        using SealKey key = SealKey.Create();
        File.WriteAllText(_folder["key.pem"], key.ToPem());
        File.WriteAllText(_folder["key.pub"], key.PublicKey.ToPem());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_clone_of_a_sealed_image_is_scanned_only_where_it_changed()
    {
        using LoopVolume volume = LoopVolume.Make("ntfs", _folder, megabytes: 64);
        File.WriteAllText(volume["kept"], "kept");
        File.WriteAllText(volume["changed"], "before");
        File.WriteAllBytes(volume["eicar.com"], Eicar.Bytes);
        volume.Unmount();

        ProgramRun sealing = OfflineScanProgram.Run(_folder["volume.img"], "--seal", _folder["image.seal"], "--key", _folder["key.pem"]);
        (_, JsonElement same) = Scan();
        volume.Mount();
        File.WriteAllText(volume["changed"], "after!");
        volume.Unmount();
        (ProgramRun outcome, JsonElement changed) = Scan();

        Assert.Equal(1, sealing.ExitCode);
        Assert.Contains("Sealed: 2 files, 0 of them without a scan; 1 not sealed.", sealing.Output, StringComparison.Ordinal);
        Assert.Equal((2, 1), (Skipped(same), Skipped(changed)));
        Assert.Equal(1, outcome.ExitCode);

        ProgramRun again = OfflineScanProgram.Run(
            _folder["volume.img"], "--sealed", _folder["image.seal"], "--seal", _folder["next.seal"], "--key", _folder["key.pem"]);
        Assert.Contains("Sealed: 2 files, 1 of them without a scan; 1 not sealed.", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seal_of_another_key_is_refused_in_words()
    {
        using LoopVolume volume = LoopVolume.Make("ntfs", _folder, megabytes: 64);
        File.WriteAllText(volume["kept"], "kept");
        volume.Unmount();
        OfflineScanProgram.Run(_folder["volume.img"], "--seal", _folder["image.seal"], "--key", _folder["key.pem"]);
        using SealKey other = SealKey.Create();
        File.WriteAllText(_folder["other.pub"], other.PublicKey.ToPem());

        ProgramRun outcome = OfflineScanProgram.Run(_folder["volume.img"], "--sealed", _folder["image.seal"], "--key", _folder["other.pub"]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("The seal is refused: the key", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--seal is of one image.", "a", "b", "--seal", "s", "--key", "k")]
    [InlineData("--key goes with --seal or --sealed, and they with it.", "a", "--seal", "s")]
    [InlineData("--key goes with --seal or --sealed, and they with it.", "a", "--key", "k")]
    [InlineData("--seal takes a value, and --key is an option.", "a", "--seal", "--key", "k")]
    public void What_does_not_go_together_is_said(string message, params string[] arguments)
    {
        ProgramRun outcome = OfflineScanProgram.Run(arguments);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Errors, StringComparison.Ordinal);
    }

    private (ProgramRun Outcome, JsonElement Report) Scan()
        => OfflineScanProgram.RunWithReport(_folder["report.json"], _folder["volume.img"], "--sealed", _folder["image.seal"], "--key", _folder["key.pub"]);

    private static long Skipped(JsonElement report) => report.GetProperty("summary").GetProperty("skipped").GetInt64();
}
