using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary><c>--new-key</c>: a pair of keys.</summary>
internal static class NewKeyMode
{
    public static Task<ModeOutcome> RunAsync(RunContext run)
    {
        string path = run.Arguments.NewKey!;
        string? password = KeyFiles.Password(run.Arguments.KeyPasswordFile);
        SealPublicKey key = KeyFiles.Create(path, password);
        return Task.FromResult(new ModeOutcome(
            VieExitCodes.Done,
            "Keep the private key away from every image; clones get the public one.",
            [
                new("privateKey", "Private key", path),
                new("publicKey", "Public key", path + ".pub"),
                new("encrypted", "Encrypted", password is not null),
                new("keyId", "Key", key.Id.ToString()),
            ]));
    }
}
