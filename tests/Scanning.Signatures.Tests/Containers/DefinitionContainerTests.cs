using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Containers;

/// <summary>Containers that ClamAV's publisher signed, and what becomes of them when somebody else writes to them.</summary>
public class DefinitionContainerTests
{
    [Theory]
    [InlineData("test-1.cvd", 0, "test-1 1")]
    [InlineData("test-3.cvd", 5, "test-3 3")]
    [InlineData("bytecode-2010.cvd", 2, "bytecode-2010 19")]
    public void A_signed_container_is_verified_and_used(string name, long loaded, string version)
    {
        SignatureDatabase database = Load(name, File.ReadAllBytes(Container(name)));

        Assert.Equal((loaded, version), (database.Report.Loaded, database.Definitions.Version));
        Assert.DoesNotContain(database.Report.Files, file => file.Path == name);
    }

    [Fact]
    public void The_numbers_of_the_publication_are_those_of_the_definitions()
    {
        SignatureDatabase database = Load("test-3.cvd", File.ReadAllBytes(Container("test-3.cvd")));

        Assert.Equal((3, DateTimeOffset.FromUnixTimeSeconds(1624408809)), (database.Definitions.Sequence, database.Definitions.Published));
    }

    [Theory]
    [InlineData("its date", 20, "header")]
    [InlineData("its version", 35, "header")]
    [InlineData("its MD5", 50, "header")]
    [InlineData("its signature", 120, "header")]
    [InlineData("what it holds", 3000, "header")]
    [InlineData("its last byte", -1, "header")]
    public void A_container_in_which_a_byte_was_changed_is_not_used(string place, int offset, string word)
    {
        byte[] bytes = File.ReadAllBytes(Container("test-3.cvd"));
        int at = offset < 0 ? bytes.Length + offset : offset;
        bytes[at] ^= 0x01;

        SignatureDatabase database = Load("test-3.cvd", bytes);

        Assert.True(database.Report.Loaded == 0, $"{place} was changed, and the container is used");
        DefinitionFileReport file = Assert.Single(database.Report.Unread);
        Assert.Contains(word, file.Unread, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_container_is_not_used_wherever_it_is_cut()
    {
        byte[] bytes = File.ReadAllBytes(Container("test-3.cvd"));
        for (int length = 0; length < bytes.Length; length += 97)
        {
            SignatureDatabase database = Load("test-3.cvd", bytes[..length]);
            Assert.Equal(0, database.Report.Loaded);
            Assert.NotNull(Assert.Single(database.Report.Unread).Unread);
        }
    }

    [Fact]
    public void An_updated_container_is_trusted_by_its_signed_list_of_members()
    {
        // After an update freshclam writes .cld, whose header nobody signs any more.
        byte[] bytes = File.ReadAllBytes(Container("test-3.cvd"));
        "X"u8.CopyTo(bytes.AsSpan(50));

        Assert.Equal(5, Load("test-3.cld", bytes).Report.Loaded);
    }

    [Fact]
    public void A_container_that_nobody_signed_is_used_like_loose_files_or_refused_like_them()
    {
        byte[] bytes = File.ReadAllBytes(Container("test-3.cvd"));
        DefinitionFile[] files = [DefinitionFile.FromMemory("test-3.cud", bytes), DefinitionFile.FromMemory("local.ndb", "Local:0:*:616263646566\n"u8.ToArray())];

        Assert.Equal(6, SignatureDatabase.Load(files, cancellationToken: TestContext.Current.CancellationToken).Report.Loaded);
        SignatureDatabase refused = SignatureDatabase.Load(
            files, new SignatureLoadOptions { UnsignedDefinitions = UnsignedDefinitions.Refuse }, TestContext.Current.CancellationToken);
        Assert.Equal(0, refused.Report.Loaded);
        Assert.All(refused.Report.Files, file => Assert.Contains("not signed", file.Unread, StringComparison.Ordinal));
    }

    private static string Container(string name) => SharedData.Require("signatures", name);

    private static SignatureDatabase Load(string name, byte[] bytes) =>
        SignatureDatabase.Load([DefinitionFile.FromMemory(name, bytes)], cancellationToken: TestContext.Current.CancellationToken);
}
