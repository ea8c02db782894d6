using BenchmarkDotNet.Running;
using Symantec.Virtualization.Benchmarks;

// dotnet run -c Release --project tests/Benchmarks -- --filter '*'      the parts, by BenchmarkDotNet
// tests/Benchmarks/whole-image.sh                                       the whole, next to 7-Zip and ntfs-3g
if (args is ["files", string folder, string count])
{
    FileTree.Write(folder, int.Parse(count, null));
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
