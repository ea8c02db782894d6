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
    [InlineData("clam.arj")]
    [InlineData("clam.bin-be.cpio")]
    [InlineData("clam.bin-le.cpio")]
    [InlineData("clam.exe.binhex")]
    [InlineData("clam.exe.html")]
    [InlineData("clam.exe.mbox.base64")]
    [InlineData("clam.exe.mbox.uu")]
    [InlineData("clam.exe.rtf")]
    [InlineData("clam.exe.szdd")]
    [InlineData("clam.mail")]
    [InlineData("clam.newc.cpio")]
    [InlineData("clam.odc.cpio")]
    [InlineData("clam.pdf")]
    [InlineData("clam.tnef")]
    [InlineData("clam.cab")]
    [InlineData("clam.chm")]
    [InlineData("clam.ole.doc")]
    [InlineData("clam.ppt")]
    [InlineData("clam_cache_emax.tgz")]
    [InlineData("clam.7z")]
    public void ClamAVs_test_program_is_found_in_its_container(string file)
    {
        Unpacked unpacked = Unpacked.From(ClamAvTestFiles.Read(file));

        Assert.Contains(unpacked.Contents, content => content.Bytes.AsSpan().IndexOf(ClamAvTestFiles.Read("clam.exe")) >= 0);
        Assert.Empty(unpacked.Faults);
    }
}
