using BenchmarkDotNet.Running;
using Symantec.Virtualization.Benchmarks;
using Symantec.Virtualization.Benchmarks.InsightCache;
using Symantec.Virtualization.Benchmarks.Management;
using Symantec.Virtualization.Management.Server;

// dotnet run -c Release --project tests/Benchmarks -- --filter '*'      the parts, by BenchmarkDotNet
// tests/Benchmarks/whole-image.sh                                       the whole, next to 7-Zip and ntfs-3g
// tests/Benchmarks/clamav.sh                                            libclamav in process, next to clamscan
// tests/Benchmarks/verdict-table.sh                                     the verdict table, next to other tables and caches
// tests/Benchmarks/insight-cache.sh                                     the cache's server, next to Redis, Garnet and memcached
// tests/Benchmarks/image-seal.sh                                        sealed files, next to a bare walk and to hashing
// tests/Benchmarks/management.sh                                        the manager with 10,000 clients
// tests/Benchmarks/engines.sh                                           the built-in engine, next to clamscan
if (args is ["verdicts", string engine, string entries, string rounds])
{
    VerdictTableRun.Run(engine, int.Parse(entries, null), int.Parse(rounds, null));
    return;
}

if (args is ["hit-rate"])
{
    HitRateRun.Run();
    return;
}

if (args is ["cache-serve", string kind, string listen, string held])
{
    CachePeers.Serve(kind, int.Parse(listen, null), int.Parse(held, null));
    return;
}

if (args is ["cache-fill", string filled, string fillPort, string amount, string fillTls])
{
    CacheLoad.Fill(filled, int.Parse(fillPort, null), int.Parse(amount, null), fillTls == "tls");
    return;
}

if (args is ["cache-ask", string protocol, string port, string process, string known, string batch, string connections, string seconds, string tls])
{
    CacheLoad.Run(
        protocol, int.Parse(port, null), int.Parse(process, null), int.Parse(known, null), int.Parse(batch, null), int.Parse(connections, null), int.Parse(seconds, null), tls == "tls");
    return;
}

if (args is ["cache-idle", string idlePort, string idleProcess, string idleConnections, string idleTls])
{
    CacheLoad.Idle(int.Parse(idlePort, null), int.Parse(idleProcess, null), int.Parse(idleConnections, null), idleTls == "tls");
    return;
}

if (args is ["cache-client", string serverPort])
{
    await ClientRun.RunAsync(int.Parse(serverPort, null));
    return;
}

if (args is ["cache-client-dead"])
{
    await DeadServerRun.RunAsync();
    return;
}

if (args is ["cache-snapshot", string amountKept, string keptIn])
{
    SnapshotRun.Run(int.Parse(amountKept, null), keptIn);
    return;
}

if (args is ["manager", string clients, string load, string database])
{
    await ManagerRun.RunAsync(int.Parse(clients, null), int.Parse(load, null), database.Length > 0 ? DatabaseKind.PostgreSql : DatabaseKind.Sqlite, database.Length > 0 ? database : null);
    return;
}

if (args is ["files", string folder, string count])
{
    FileTree.Write(folder, int.Parse(count, null));
    return;
}

switch (args)
{
    case ["seal", string image, string seal]:
        await SealRun.SealAsync(image, seal);
        return;
    case ["seal-invent", string seal, string inSeal]:
        SealRun.Invent(seal, int.Parse(inSeal, null));
        return;
    case ["seal-lookup", string seal, string inSeal]:
        SealRun.LookUp(seal, int.Parse(inSeal, null));
        return;
    case ["seal-decide", string image, string seal, string passes]:
        SealRun.Decide(image, seal, int.Parse(passes, null));
        return;
    case ["seal-scan", string image, string seal]:
        await SealRun.ScanAsync(image, seal);
        return;
    case ["seal-hash", string image, string seal]:
        await SealRun.HashAsync(image, seal);
        return;
}

if (args is ["clamav", string definitions, string list, string maxInMemory])
{
    ClamAvRun.Run(definitions, list, int.Parse(maxInMemory, null));
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
