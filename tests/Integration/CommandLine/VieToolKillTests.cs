using System.Diagnostics;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>The program is killed at any moment of its work: the next run finishes it, and no mark is ever without a seal that covers it.</summary>
/// <remarks>A moment is a line that the program printed, or a file that got or lost its mark: nothing waits for a clock.</remarks>
public sealed class VieToolKillTests : IDisposable
{
    private const int Files = 1000;

    /// <summary>Makes the lines so long that the program is never more than some hundred of them ahead of their reader.</summary>
    private static readonly string Padding = new('-', 180);

    private readonly TemporaryFolder _folder = new();
    private readonly VieToolProgram _tool;
    private readonly Random _random;
    private readonly int _seed = Random.Shared.Next();
    private int _killed;
    private int _halfDone;

    public VieToolKillTests()
    {
        _tool = new VieToolProgram(_folder);
        _random = new Random(_seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {_seed}");
    }

    public static TheoryData<string> Kinds => ["ext4", "ntfs"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whenever_sealing_is_killed_every_mark_is_covered_and_the_next_run_finishes(string kind)
    {
        using LoopVolume volume = Fill(kind);
        for (int round = 0; round < 6; round++)
        {
            // While it scans, or while it marks; some rounds on top of one that was killed, some on top of a finished seal that a patch came after.
            bool isScanning = round % 3 == 0;
            if (Marked(volume) == Files)
            {
                Patch(volume, round);
            }

            Kill([.. _tool.GenerateArguments(volume.Path), "--verbose"], isScanning ? AfterLines() : WhenMarkOf(volume, isThere: true));
            Assert.Empty(_tool.Uncovered(volume.Path));
            CountHalfDone(volume);
            if (round % 4 == 3)
            {
                AssertFinishes(volume);
            }
        }

        AssertFinishes(volume);
        AssertKilled(3, halfDone: 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whenever_clearing_is_killed_every_mark_is_covered_and_the_next_run_finishes(string kind)
    {
        using LoopVolume volume = Fill(kind);
        for (int round = 0; round < 4; round++)
        {
            Assert.Equal(0, _tool.Generate(volume.Path).ExitCode);
            Kill([.. VieToolProgram.ClearArguments(volume.Path), "--verbose"], round % 2 == 0 ? AfterLines() : WhenMarkOf(volume, isThere: false));
            Assert.Empty(_tool.Uncovered(volume.Path));
            CountHalfDone(volume);
            if (round % 2 == 0)
            {
                // Sealing goes on from a half-cleared image as well.
                AssertFinishes(volume);
            }
            else
            {
                Assert.Equal(0, VieToolProgram.Clear(volume.Path).ExitCode);
                Assert.False(Directory.Exists(volume[SealPlace.Folder]));
                Assert.Equal(0, Marked(volume));
            }
        }

        AssertKilled(2, halfDone: 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whenever_verifying_is_killed_nothing_has_changed(string kind)
    {
        using LoopVolume volume = Fill(kind);
        Assert.Equal(0, _tool.Generate(volume.Path).ExitCode);
        byte[] seal = File.ReadAllBytes(SealPlace.Of(volume.Path));
        for (int round = 0; round < 3; round++)
        {
            Kill([.. _tool.VerifyArguments(volume.Path), "--verbose"], AfterLines());
        }

        Assert.Equal(seal, File.ReadAllBytes(SealPlace.Of(volume.Path)));
        Assert.Empty(_tool.Uncovered(volume.Path));
        Assert.Equal(0, _tool.Verify(volume.Path).ExitCode);
        AssertKilled(2, halfDone: 0);
    }

    private void AssertFinishes(LoopVolume volume)
    {
        ProgramRun run = _tool.Generate(volume.Path);
        Assert.True(run.ExitCode == 0, run.Output);
        ProgramRun verify = _tool.Verify(volume.Path);
        Assert.True(verify.ExitCode == 0, $"seed {_seed}: {verify.Output}");
        Assert.Empty(_tool.Uncovered(volume.Path));
        Assert.Equal([SealPlace.FileName], Directory.GetFiles(volume[SealPlace.Folder]).Select(Path.GetFileName));
        Assert.Equal(Files, Marked(volume));
    }

    /// <summary>Makes sure that the rounds were what they are meant to be: runs that were at work when they were killed.</summary>
    private void AssertKilled(int killed, int halfDone)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{_killed} were killed, {_halfDone} with some files marked and some not");
        Assert.True(_killed >= killed && _halfDone >= halfDone, $"seed {_seed}: {_killed} were killed, {_halfDone} with some files marked and some not");
    }

    private void CountHalfDone(LoopVolume volume) => _halfDone += Marked(volume) is > 0 and < Files ? 1 : 0;

    private static int Marked(LoopVolume volume) => Enumerable.Range(0, Files).Count(i => VieToolProgram.MarkOf(volume[Name(i)]).HasValue);

    private static string Name(int i) => $"file{i}{Padding}";

    private LoopVolume Fill(string kind)
    {
        LoopVolume volume = LoopVolume.Make(kind, _folder, megabytes: 64);
        for (int i = 0; i < Files; i++)
        {
            File.WriteAllText(volume[Name(i)], $"content {i}");
        }

        return volume;
    }

    private void Patch(LoopVolume volume, int round)
    {
        for (int i = 0; i < 200; i++)
        {
            // Written over it keeps a mark that does not count any more; made anew it has none.
            string path = volume[Name(_random.Next(Files))];
            if (i % 2 == 0)
            {
                File.Delete(path);
            }

            File.WriteAllText(path, $"patch {round} {i}");
            File.WriteAllText(volume[$"new{round}-{i}"], $"new {i}");
        }
    }

    private Action<Process> AfterLines()
    {
        int count = _random.Next(5, Files);
        return process =>
        {
            for (int i = 0; i < count && process.StandardOutput.ReadLine() is not null; i++)
            {
            }
        };
    }

    /// <summary>The moment in which a file gets its mark, or loses it.</summary>
    private Action<Process> WhenMarkOf(LoopVolume volume, bool isThere)
    {
        string[] candidates = [.. Enumerable.Range(0, Files).Select(i => volume[Name(i)]).Where(path => VieToolProgram.MarkOf(path).HasValue != isThere)];
        string path = _random.GetItems(candidates, 1)[0];
        return process =>
        {
            // Its lines are taken off it, or it would wait for somebody to read them.
            Task lines = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            while (!process.HasExited && VieToolProgram.MarkOf(path).HasValue != isThere)
            {
            }
        };
    }

    private void Kill(string[] arguments, Action<Process> moment)
    {
        using Process process = VieToolProgram.Start(arguments);
        moment(process);
        process.Kill();
        process.WaitForExit();
        _killed += process.ExitCode == 128 + 9 ? 1 : 0;
    }
}
