using BenchmarkDotNet.Running;
using Symantec.Virtualization.Benchmarks;

// dotnet run -c Release --project tests/Benchmarks -- --filter '*'      the parts, by BenchmarkDotNet
// tests/Benchmarks/whole-image.sh                                       the whole, next to 7-Zip and ntfs-3g
// tests/Benchmarks/clamav.sh                                            libclamav in process, next to clamscan
// tests/Benchmarks/verdict-table.sh                                     the verdict table, next to other tables and caches
// tests/Benchmarks/engines.sh                                           the built-in engine, next to clamscan
if (args is ["verdicts", string engine, string entries, string rounds])
{
    VerdictTableRun.Run(engine, int.Parse(entries, null), int.Parse(rounds, null));
    return;
}

if (args is ["files", string folder, string count])
{
    FileTree.Write(folder, int.Parse(count, null));
    return;
}

if (args is ["clamav", string definitions, string list, string maxInMemory])
{
    ClamAvRun.Run(definitions, list, int.Parse(maxInMemory, null));
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
