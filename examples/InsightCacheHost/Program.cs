using System.CommandLine;
using System.Security.Cryptography;
using Symantec.Virtualization.Examples.InsightCacheHost;
using Symantec.Virtualization.Examples.ServiceHosting;
using Symantec.Virtualization.InsightCache.Server;

RootCommand root = new("Remembers which file contents were voted clean, so that virtual machines that share them scan them once.")
{
    TreatUnmatchedTokensAsErrors = false,
};
root.SetAction((result, token) => StrictSettings.AreArguments(result.UnmatchedTokens, "--InsightCache:Memory=2GB", "InsightCache", "Serilog")
    ? CacheHost.RunAsync([.. result.UnmatchedTokens], token)
    : Task.FromResult(ServiceRun.WrongConfiguration));

Command newKey = new("new-key", "Makes an API key, and prints it together with the hash for Access:Clients:n:ApiKeyHashes.");
newKey.SetAction(static _ =>
{
    string key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    Console.WriteLine($"key:  {key}");
    Console.WriteLine($"hash: {Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)))}");
});

Command hashPassword = new("hash-password", "Reads a password from the standard input, and prints the hash for Access:Clients:n:PasswordHash.");
hashPassword.SetAction(static _ =>
{
    if (Console.In.ReadLine() is not { Length: > 0 } password)
    {
        Console.Error.WriteLine("A password is needed on the standard input.");
        return 2;
    }

    Console.WriteLine(ClientSecrets.HashPassword(password));
    return 0;
});

root.Add(newKey);
root.Add(hashPassword);
// The host itself ends in good order when it is told to, and writes a snapshot before.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
