using System.Diagnostics;
using System.Globalization;
using Symantec.Virtualization.Scanning.ClamAv;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>Scans a list of files with libclamav in this process, for <c>clamav.sh</c>.</summary>
internal static class ClamAvRun
{
    /// <summary>Prints the CPU seconds that loading and scanning took, and how many verdicts of each kind there were.</summary>
    /// <param name="definitions">The folder or file of definitions.</param>
    /// <param name="list">A file with a path in each line.</param>
    /// <param name="maxInMemory">Up to which length a file is scanned from memory.</param>
    public static void Run(string definitions, string list, int maxInMemory)
    {
        using Process self = Process.GetCurrentProcess();
        using LibClamAvEngine engine = new(new LibClamAvOptions { DatabasePath = definitions, MaxInMemory = maxInMemory });
        double loaded = CpuSeconds(self);
        Dictionary<VerdictKind, int> verdicts = [];
        foreach (string path in File.ReadLines(list))
        {
            using FileContent content = new(path);
            Verdict verdict = engine.Scan(content, hash: null, CancellationToken.None).Verdict;
            verdicts[verdict.Kind] = verdicts.GetValueOrDefault(verdict.Kind) + 1;
            if (!verdict.IsComplete)
            {
                Console.Error.WriteLine($"{path}: {verdict}");
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{loaded:0.000} {CpuSeconds(self) - loaded:0.000} {string.Join(' ', verdicts.Select(static verdict => $"{verdict.Key}={verdict.Value}"))}"));
    }

    private static double CpuSeconds(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }
}
