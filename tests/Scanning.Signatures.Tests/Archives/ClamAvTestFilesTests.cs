namespace Symantec.Virtualization.Scanning.Signatures.Tests;

public sealed class ClamAvTestFilesTests
{
    [Theory]
    [InlineData("clam.zip")]
    [InlineData("clam.bz2.zip")]
    [InlineData("clam.d64.zip")]
    [InlineData("clam.impl.zip")]
    [InlineData("clam.exe.bz2")]
    [InlineData("clam.tar.gz")]
    public void ClamAVs_test_program_is_found_in_its_container(string file)
    {
        Unpacked unpacked = Unpacked.From(ClamAvTestFiles.Read(file));

        Assert.Contains(unpacked.Contents, content => content.Bytes.AsSpan().IndexOf(ClamAvTestFiles.Read("clam.exe")) >= 0);
        Assert.Empty(unpacked.Faults);
    }
}
