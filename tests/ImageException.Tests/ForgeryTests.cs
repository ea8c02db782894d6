using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException.Tests;

/// <summary>Seals that somebody tampered with, each refused for its own reason.</summary>
public sealed class ForgeryTests : IDisposable
{
    private readonly Workbench _bench = new();
    private readonly TemporaryFolder _image = new();
    private readonly byte[] _seal;

    public ForgeryTests()
    {
        for (int i = 0; i < 100; i++)
        {
            File.WriteAllText(_image[$"file{i}"], $"{i}");
        }

        _bench.SealAsync(_image.Path).GetAwaiter().GetResult();
        _seal = File.ReadAllBytes(SealPlace.Of(_image.Path));
    }

    public void Dispose()
    {
        _bench.Dispose();
        _image.Dispose();
    }

    [Theory]
    [InlineData("the magic", 0, SealRefusal.NotASeal, "Header.Magic at 0x0")]
    [InlineData("the version", 8, SealRefusal.NotASeal, "Header.Version at 0x8")]
    [InlineData("the flags", 12, SealRefusal.BadSignature, "Header.Signature at 0xc0")]
    [InlineData("the seal's identifier", 16, SealRefusal.BadSignature, "Header.Signature at 0xc0")]
    [InlineData("the number", 48, SealRefusal.BadSignature, "Header.Signature at 0xc0")]
    [InlineData("the number of entries", 64, SealRefusal.NotASeal, "Header.SlotCount at 0x44")]
    [InlineData("the root", 96, SealRefusal.BadSignature, "Header.Signature at 0xc0")]
    [InlineData("the key's name", 128, SealRefusal.UnknownKey, "the key")]
    [InlineData("the signature", 192, SealRefusal.BadSignature, "Header.Signature at 0xc0")]
    [InlineData("the first entry", 256, SealRefusal.Edited, "Header.Root at 0x60")]
    [InlineData("the hash of an entry", 256 + 56, SealRefusal.Edited, "Header.Root at 0x60")]
    [InlineData("the last byte", -1, SealRefusal.Edited, "Header.Root at 0x60")]
    public void A_seal_is_refused_in_which_somebody_edited(string what, int offset, SealRefusal refusal, string named)
    {
        Assert.NotEmpty(what);
        byte[] edited = [.. _seal];
        edited[offset < 0 ? edited.Length + offset : offset] ^= 0x42;

        SealException e = Assert.Throws<SealException>(() => Open(edited));

        Assert.Equal(refusal, e.Refusal);
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 200)]
    public Property A_seal_that_was_cut_off_is_refused_wherever_it_was()
        => Prop.ForAll(Gen.Choose(0, _seal.Length - 1).ToArbitrary(), length =>
        {
            SealException e = Assert.Throws<SealException>(() => Open(_seal[..length]));
            return e.Refusal == (length == 0 ? SealRefusal.NotASeal : SealRefusal.Truncated);
        });

    [Property(MaxTest = 300)]
    public Property One_changed_bit_anywhere_is_refused()
        => Prop.ForAll(Gen.Choose(0, (_seal.Length * 8) - 1).ToArbitrary(), bit =>
        {
            byte[] edited = [.. _seal];
            edited[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<SealException>(() => Open(edited));
        });

    [Fact]
    public void A_seal_of_another_key_is_refused()
    {
        using SealKey other = SealKey.Create();

        Assert.Equal(SealRefusal.UnknownKey, Assert.Throws<SealException>(() => Open(_seal, SealTrust.In(other.PublicKey))).Refusal);
    }

    [Fact]
    public void A_seal_that_claims_another_key_and_bears_the_old_signature_is_refused()
    {
        using SealKey other = SealKey.Create();
        byte[] edited = [.. _seal];
        other.PublicKey.Id.CopyTo(edited.AsSpan(128));

        Assert.Equal(SealRefusal.BadSignature, Assert.Throws<SealException>(() => Open(edited, SealTrust.In(other.PublicKey))).Refusal);
    }

    [Fact]
    public void The_seal_of_another_image_is_refused()
        => Assert.Equal(
            SealRefusal.AnotherVolume,
            Assert.Throws<SealException>(() => SealedImage.Open(SealPlace.Of(_image.Path), _bench.Trust, volume: "ext4:0123456789abcdef")).Refusal);

    [Fact]
    public async Task An_older_seal_that_was_put_back_is_refused_where_the_policy_knows_the_newer()
    {
        await _bench.SealAsync(_image.Path);
        SealTrust trust = new([_bench.Key.PublicKey], new VirtualImagesPolicy { OldestSeal = 2 });

        Assert.Equal(SealRefusal.RolledBack, Assert.Throws<SealException>(() => Open(_seal, trust)).Refusal);
        using Seal newer = Seal.Open(SealPlace.Of(_image.Path), trust);
        Assert.Equal(2, newer.Number);
    }

    [Fact]
    public async Task An_older_seal_that_was_put_back_is_told_from_the_newer_marks()
    {
        File.WriteAllText(_image["file0"], "patched");
        await _bench.SealAsync(_image.Path);
        File.WriteAllBytes(SealPlace.Of(_image.Path), _seal);
        List<SealFinding> findings = [];
        using Seal old = Seal.Open(SealPlace.Of(_image.Path), _bench.Trust);

        await new SealVerifier(old, _image.Path, findings.Add).VerifyAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains(findings, finding => finding.Kind == SealFindingKind.MarkForeign && finding.Detail.Contains("newer", StringComparison.Ordinal));
        Assert.Equal(Disposition.Scanned, (await _bench.ScanAsync(_image.Path))["file0"].Disposition);
    }

    [Fact]
    public void A_revoked_seal_is_refused()
    {
        using Seal seal = Open(_seal);
        SealTrust trust = new([_bench.Key.PublicKey], new VirtualImagesPolicy { RevokedSeals = [seal.Id] });

        Assert.Equal(SealRefusal.Revoked, Assert.Throws<SealException>(() => Open(_seal, trust)).Refusal);
    }

    [Theory]
    [InlineData(29, null)]
    [InlineData(31, SealRefusal.TooOld)]
    [InlineData(-3, SealRefusal.TooOld)]
    public void A_seal_counts_for_the_days_that_the_policy_gives_it(int days, SealRefusal? refusal)
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow.AddDays(days));
        SealTrust trust = new([_bench.Key.PublicKey], new VirtualImagesPolicy { MaxSealAgeDays = 30 });

        SealException? e = (SealException?)Record.Exception(() => Open(_seal, trust, clock));

        Assert.Equal(refusal, e?.Refusal);
    }

    [Fact]
    public void A_private_key_is_kept_encrypted_and_opened_by_its_password_alone()
    {
        string pem = _bench.Key.ToPem("correct horse");

        using SealKey read = SealKey.FromPem(pem, "correct horse");

        Assert.Contains("ENCRYPTED PRIVATE KEY", pem, StringComparison.Ordinal);
        Assert.Equal(_bench.Key.PublicKey.Id, read.PublicKey.Id);
        Assert.Throws<CryptographicException>(() => SealKey.FromPem(pem, "wrong"));
        Assert.Contains("no password", Assert.Throws<CryptographicException>(() => SealKey.FromPem(pem)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no key at all")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQ==\n-----END PUBLIC KEY-----")]
    public void What_is_no_key_is_refused_in_words(string pem)
    {
        Assert.ThrowsAny<CryptographicException>(() => SealPublicKey.FromPem(pem));
        Assert.ThrowsAny<CryptographicException>(() => SealKey.FromPem(pem));
    }

    [Fact]
    public void A_public_key_signs_nothing()
        => Assert.ThrowsAny<CryptographicException>(() => SealKey.FromPem(_bench.Key.PublicKey.ToPem()));

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Contains("P-256", Assert.Throws<CryptographicException>(() => SealPublicKey.FromPem(other.ExportSubjectPublicKeyInfoPem())).Message, StringComparison.Ordinal);
    }

    [Property]
    public void Any_bytes_are_a_mark_or_none(byte[] bytes)
        => Assert.False(Mark.TryParse(bytes, out _));

    [Property]
    public void A_mark_reads_back_as_it_was_written(Guid image, NonNegativeInt entry, PositiveInt number)
    {
        byte[] bytes = new byte[Mark.Size];
        Mark mark = new(image, entry.Get, number.Get);
        mark.Write(bytes);

        Assert.True(Mark.TryParse(bytes, out Mark read));
        Assert.Equal(mark, read);
    }

    private Seal Open(byte[] bytes, SealTrust? trust = null, TimeProvider? time = null)
    {
        string path = _bench.Folder["copy.seal"];
        File.WriteAllBytes(path, bytes);
        return Seal.Open(path, trust ?? _bench.Trust, time);
    }
}
