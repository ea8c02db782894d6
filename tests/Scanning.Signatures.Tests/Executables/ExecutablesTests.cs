using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck.Xunit;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

/// <summary>Every comparison asks clamscan: a signature made of the bytes at a place that was computed here must match there, and not beside it.</summary>
public sealed partial class ExecutablesTests : IDisposable
{
    private const int SampleSize = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Windows_programs_have_entry_points_and_sections_where_ClamAV_has_them()
    {
        Peer.Require("clamscan", "wine");
        string[] programs =
        [
            .. Directory.GetFiles("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows").Where(static path => path.EndsWith("2.dll", StringComparison.Ordinal)).Take(12),

            // What ClamAV finds in the programs inside of these two is not theirs.
            .. ClamAvTestFiles.All.Where(static path => path.EndsWith(".exe", StringComparison.Ordinal) && !path.Contains("IScab", StringComparison.Ordinal)),
            typeof(ExecutablesTests).Assembly.Location,
            typeof(FactAttribute).Assembly.Location,
        ];

        Assert.True(programs.Length > 25);
        Assert.All(programs, path => AssertSameAsClamAv(File.ReadAllBytes(path), Path.GetFileName(path)));
    }

    [Fact]
    public void Linux_programs_have_entry_points_and_sections_where_ClamAV_has_them()
    {
        Peer.Require("clamscan");
        string[] programs = [.. Directory.GetFiles("/usr/bin").Where(static path => new FileInfo(path) is { LinkTarget: null, Length: < 300_000 }).Where(IsElf).Take(10)];

        Assert.NotEmpty(programs);
        Assert.All(programs, path => AssertSameAsClamAv(File.ReadAllBytes(path), Path.GetFileName(path)));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Programs_of_any_width_and_byte_order_have_entry_points_and_sections_where_ClamAV_has_them(bool wide, bool big)
    {
        Peer.Require("clamscan");
        AssertSameAsClamAv(ExecutableSamples.Elf(wide, big), "elf");
        AssertSameAsClamAv(ExecutableSamples.MachO(wide, big), "mach-o");
    }

    [Fact]
    public void Version_information_is_found_where_ClamAV_finds_it()
    {
        Peer.Require("clamscan", "wine");
        int total = 0;
        File.WriteAllText(_folder["vi.ndb"], "Vi:1:VI:41414141ffeedd41\n");
        foreach (string path in Directory.GetFiles("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows").Where(static path => path.EndsWith("32.dll", StringComparison.Ordinal)).Take(20))
        {
            string debug = ProgramRun.Of("clamscan", ["--debug", "-d", _folder["vi.ndb"], path]).Errors;
            string[] expected = [.. VersionInfo().Matches(debug).Select(static match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];

            total += expected.Length;
            Assert.Equal(expected, Parse(File.ReadAllBytes(path))!.VersionInfoOffsets.Select(static offset => offset.ToString("x", CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal));
        }

        Assert.True(total > 50);
    }

    [Theory]
    [InlineData("KERNEL32.dll", "LoadLibraryA,GetProcAddress,7")]
    [InlineData("ws2_32.DLL", "1,24,99,100,151,500,send")]
    [InlineData("WSOCK32.dll", "115")]
    [InlineData("oleaut32.dll", "2,9,144,150,443,444")]
    [InlineData("comctl.ocx", "_x.y,Z9")]
    [InlineData("a.drv", "b")]
    public void Import_hashes_are_those_of_ClamAV(string library, string functions)
    {
        Peer.Require("clamscan");
        byte[] program = ExecutableSamples.Importing(library, functions.Split(','));
        File.WriteAllBytes(_folder["program.exe"], program);
        File.WriteAllText(_folder["none.imp"], "00112233445566778899aabbccddeeff:123:None\n");
        string debug = ProgramRun.Of("clamscan", ["--debug", "-d", _folder["none.imp"], _folder["program.exe"]]).Errors;

        ImportHash? hash = Compute(program);
        Assert.Equal(ImportDigest().Match(debug).Groups[1].Value, $"{Convert.ToHexStringLower(hash!.Md5)}:{hash.Length}");
    }

    [Fact]
    public void Programs_of_ClamAVs_test_set_have_its_import_hashes_or_none()
    {
        Peer.Require("clamscan");
        File.WriteAllText(_folder["none.imp"], "00112233445566778899aabbccddeeff:123:None\n");
        foreach (string path in ClamAvTestFiles.All.Where(static path => path.EndsWith(".exe", StringComparison.Ordinal)))
        {
            string debug = ProgramRun.Of("clamscan", ["--debug", "-d", _folder["none.imp"], path]).Errors;
            string[] digests = [.. ImportDigest().Matches(debug).Select(static match => match.Groups[1].Value)];

            // ClamAV prints those of programs inside this one as well, and is not asked about programs of 64 bits.
            if (Compute(File.ReadAllBytes(path)) is { } hash)
            {
                Assert.Contains($"{Convert.ToHexStringLower(hash.Md5)}:{hash.Length}", digests);
            }
        }
    }

    [Fact]
    public void Imports_of_names_that_make_no_sense_have_no_hash()
        => Assert.Null(Compute(ExecutableSamples.Importing("a.dll", ["?name@@with"])));

    [Fact]
    public void What_is_no_program_has_no_layout()
    {
        Assert.Null(Executables.Parse(new MemoryContent("x", "MZ"u8.ToArray()), FileTypes.Named("CL_TYPE_MSEXE")!));
        Assert.Null(Executables.Parse(new MemoryContent("x", new byte[1000]), FileTypes.Named("CL_TYPE_ELF")!));
        Assert.Null(Executables.Parse(new MemoryContent("x", ExecutableSamples.Elf(true, true)), FileTypes.Named("CL_TYPE_ZIP")!));
    }

    [Fact]
    public void A_read_that_fails_is_not_taken_for_a_broken_program()
    {
        byte[] program = ExecutableSamples.Importing("a.dll", ["b"]);
        using Unreadable content = new(program);

        Assert.Throws<IOException>(() => Executables.Parse(content, FileTypes.Named("CL_TYPE_MSEXE")!));
    }

    [Property(MaxTest = 3000)]
    public void Changed_programs_have_a_layout_or_none(byte kind, int seed, byte changes, ushort cut)
    {
        byte[] program = (kind % 6) switch
        {
            0 => ExecutableSamples.Importing("ws2_32.dll", ["1", "send"]),
            1 => ClamAvTestFiles.Read("clam.exe"),
            2 => ExecutableSamples.Elf(wide: false, big: true),
            3 => ExecutableSamples.Elf(wide: true, big: false),
            4 => ExecutableSamples.MachO(wide: false, big: false),
            _ => ExecutableSamples.MachO(wide: true, big: true),
        };
        Random random = new(seed);
        for (int i = changes % 8; i > 0; i--)
        {
            program[random.Next(Math.Min(program.Length, 600))] = (byte)random.Next(256);
        }

        program = program[..Math.Max(1, program.Length - (cut % 4 == 0 ? cut % program.Length : 0))];
        if (Parse(program) is { } layout)
        {
            Assert.InRange(layout.Sections.Count, 0, 1024 * 255);
            Assert.NotNull(layout.VersionInfoOffsets);
            _ = ImportHash.Compute(new MemoryContent("x", program), layout);
        }
    }

    private static bool IsElf(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return file.Read(magic) == 4 && magic.SequenceEqual("\u007FELF"u8);
    }

    private static ExecutableLayout? Parse(byte[] bytes) => Executables.Parse(new MemoryContent("x", bytes), FileTypes.Identify(bytes, bytes.Length));

    private static ImportHash? Compute(byte[] bytes) => Parse(bytes) is { } layout ? ImportHash.Compute(new MemoryContent("x", bytes), layout) : null;

    private void AssertSameAsClamAv(byte[] bytes, string name)
    {
        ExecutableLayout layout = Parse(bytes) ?? throw new InvalidOperationException($"{name} has no layout");
        int target = (int)layout.Target;
        List<string> signatures = [];
        List<string> expected = [];
        List<string> conditions =
        [
            Invariant($"Conditions;Engine:51-255,Target:{target},EntryPoint:{layout.EntryPoint}-{layout.EntryPoint},NumberOfSections:{layout.Sections.Count}-{layout.Sections.Count};0;{Sample(bytes, 0)}"),
            Invariant($"OtherEntry;Engine:51-255,Target:{target},EntryPoint:{layout.EntryPoint + 1}-{layout.EntryPoint + 1};0;{Sample(bytes, 0)}"),
        ];
        expected.Add("Conditions");
        Add("Entry", "EP+0", layout.EntryPoint);
        Add("EntryNext", "EP+3", layout.EntryPoint + 3);
        Add("Last", "SL+1", layout.Sections[^1].RawOffset + 1);
        for (int i = 0; i < layout.Sections.Count; i++)
        {
            ExecutableSection section = layout.Sections[i];
            Add($"Start{i}", $"S{i}+0", section.RawOffset);
            if (section.RawSize > 0 && section.RawOffset + section.RawSize <= bytes.Length - SampleSize)
            {
                Add($"End{i}", $"SE{i}", section.RawOffset + section.RawSize - 1, WithWildcard);
                AddBeside($"Behind{i}", i, section);
            }
        }

        File.WriteAllBytes(_folder["program"], bytes);
        File.WriteAllLines(_folder["own.ndb"], signatures);
        File.WriteAllLines(_folder["own.ldb"], conditions);
        string output = ProgramRun.Of("clamscan", ["--allmatch", "--no-summary", "-d", _folder["own.ndb"], "-d", _folder["own.ldb"], _folder["program"]]).Output;
        string[] found = [.. Found().Matches(output).Select(static match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
        Assert.True(expected.Order(StringComparer.Ordinal).SequenceEqual(found), $"{name}: expected {string.Join(' ', expected.Except(found))}, unexpected {string.Join(' ', found.Except(expected))}");

        void Add(string signature, string place, long offset, Func<string, string>? change = null)
        {
            if (offset >= 0 && offset + SampleSize <= bytes.Length)
            {
                signatures.Add($"{signature}:{target}:{place}:{(change ?? (static hex => hex))(Sample(bytes, offset))}");
                expected.Add(signature);
            }
        }

        // Bytes that begin only behind a section's end must not match inside of it.
        void AddBeside(string signature, int index, ExecutableSection section)
        {
            long behind = section.RawOffset + section.RawSize + 1;
            if (behind + SampleSize <= bytes.Length && bytes.AsSpan((int)section.RawOffset, (int)section.RawSize + SampleSize).IndexOf(bytes.AsSpan((int)behind, SampleSize)) < 0)
            {
                signatures.Add($"{signature}:{target}:SE{index}:{WithWildcard(Sample(bytes, behind))}");
            }
        }
    }

    /// <summary>ClamAV has another matcher for plain bytes, which takes offsets for others where a signature begins with zeros.</summary>
    private static string WithWildcard(string hex) => $"{hex[..10]}??{hex[12..]}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Sample(byte[] bytes, long offset) => Convert.ToHexStringLower(bytes.AsSpan((int)offset, SampleSize));

    [GeneratedRegex(@": (\w+)\.UNOFFICIAL FOUND")]
    private static partial Regex Found();

    [GeneratedRegex(@"VersionInfo \((\w+)\)")]
    private static partial Regex VersionInfo();

    [GeneratedRegex(@"IMP: (\w+:\d+)")]
    private static partial Regex ImportDigest();

    private sealed class Unreadable(byte[] bytes) : ScanContent
    {
        public override string Location => "unreadable";

        public override long Length => bytes.Length;

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            if (offset > 0)
            {
                throw new IOException("broken");
            }

            bytes.AsSpan(0, buffer.Length).CopyTo(buffer);
        }
    }
}
