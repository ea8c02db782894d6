using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException.Tests;

/// <summary>Whatever is done to a sealed folder, in whatever order: what is skipped has the content that was sealed.</summary>
public sealed class ChangeModelTests : IDisposable
{
    private const int Files = 5;

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Property(MaxTest = 60)]
    public Property Nothing_is_skipped_whose_content_was_never_sealed()
        => Prop.ForAll(Gen.Choose(0, int.MaxValue).ArrayOf(12).ToArbitrary(), seeds => CheckAsync(seeds).GetAwaiter().GetResult());

    private async Task CheckAsync(int[] seeds)
    {
        using TemporaryFolder folder = new();
        HashSet<ContentHash> known = [];
        for (int i = 0; i < Files; i++)
        {
            string text = $"content {i}".PadRight(64, '.');
            File.WriteAllText(folder[Name(i)], text);
            known.Add(ContentHash.Compute(System.Text.Encoding.UTF8.GetBytes(text)));
        }

        await _bench.SealAsync(folder.Path);
        foreach (int seed in seeds)
        {
            Do(folder, seed);
        }

        foreach (SealCheck check in Enum.GetValues<SealCheck>())
        {
            foreach ((string name, ScanResult result) in await _bench.ScanAsync(folder.Path, _bench.TrustWith(check)))
            {
                if (result.Disposition == Disposition.Skipped)
                {
                    Assert.Contains(ContentHash.Compute(await File.ReadAllBytesAsync(folder[name], TestContext.Current.CancellationToken)), known);
                }
            }
        }
    }

    /// <summary>Does one of the things that users and programs do to files; what fails because a file is gone was not done.</summary>
    private static void Do(TemporaryFolder folder, int seed)
    {
        string one = folder[Name(seed / 16 % Files)];
        string two = folder[Name(seed / 128 % Files)];
        try
        {
            switch (seed % 12)
            {
                case 0:
                    File.AppendAllText(one, "+");
                    break;
                case 1:
                    File.WriteAllText(one, $"other {seed}");
                    break;
                case 2:
                    Overwrite(one, keepTimes: false);
                    break;
                case 3:
                    Overwrite(one, keepTimes: true);
                    break;
                case 4:
                    File.Move(one, two, overwrite: true);
                    break;
                case 5:
                    File.Copy(one, two, overwrite: true);
                    break;
                case 6:
                    File.Delete(one);
                    File.WriteAllText(one, $"anew {seed}".PadRight(64, '.'));
                    break;
                case 7:
                    Peer.Run("cp", "--preserve=all", one, $"{one}.copy");
                    Overwrite($"{one}.copy", keepTimes: true);
                    Peer.Run("cp", "--preserve=all", "--attributes-only", one, $"{one}.copy");
                    File.Move($"{one}.copy", one, overwrite: true);
                    break;
                case 8:
                    Peer.Run("chmod", "600", one);
                    break;
                case 9:
                    File.Delete($"{one}.link");
                    Peer.Run("ln", one, $"{one}.link");
                    Overwrite($"{one}.link", keepTimes: true);
                    break;
                case 10:
                    File.Move(one, $"{one}.swap", overwrite: true);
                    File.Move(two, one, overwrite: true);
                    File.Move($"{one}.swap", two, overwrite: true);
                    break;
                default:
                    using (FileStream file = new(one, FileMode.Open))
                    {
                        file.SetLength(seed % 64);
                    }

                    break;
            }
        }
        catch (IOException)
        {
            // It is gone already.
        }
        catch (InvalidOperationException)
        {
            // So it is for a program.
        }
    }

    private static void Overwrite(string path, bool keepTimes)
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        using (FileStream file = new(path, FileMode.Open))
        {
            file.Write("EVIL"u8);
        }

        if (keepTimes)
        {
            File.SetLastWriteTimeUtc(path, written);
        }
    }

    private static string Name(int i) => $"file{i}";
}
