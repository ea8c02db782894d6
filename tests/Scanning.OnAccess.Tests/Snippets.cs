using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>The snippets of the package's page, each run once.</summary>
public sealed class Snippets : IDisposable
{
    private readonly LoopMount _mount = new();

    public void Dispose() => _mount.Dispose();

    [Fact]
    public async Task Take_the_trust_from_what_changes()
    {
        string folder = _mount.Path;
        File.WriteAllText(_mount["marked"], "marked");
        Marks marks = new() { Trusted = { _mount["marked"], _mount["other"] } };
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        CancellationToken cancellationToken = limit.Token;

        #region take-trust-from-changes
        await using IFileChangeSource source = FileChangeSource.Open(folder);

        async Task GuardAsync()
        {
            await foreach (FileChange change in source.ReadAllAsync(cancellationToken))
            {
                if (change.Kind == FileChangeKind.Overflow)
                {
                    marks.DistrustAll();   // events were lost: nothing is to be trusted until it has been checked
                }
                else
                {
                    marks.Distrust(change.Path!, change.FileId);
                }
            }
        }
        #endregion

        Task guard = GuardAsync();
        Peer.Run("sh", "-c", $"echo x >> '{_mount["marked"]}'");
        await marks.Changed.WaitAsync(cancellationToken);
        await source.DisposeAsync();
        await guard;

        Assert.Equal([_mount["other"]], marks.Trusted);
    }

    [Fact]
    public async Task Deny_what_is_infected()
    {
        string folder = _mount.Path;
        File.WriteAllBytes(_mount["infected"], Eicar.Bytes);

        #region deny-what-is-infected
        SignatureEngine engine = new(SignatureDatabase.Embedded);

        await using OpenPermissionGate gate = OpenPermissionGate.Open(folder, (request, cancellationToken) =>
        {
            Verdict verdict = engine.Scan(request.Content, hash: null, cancellationToken).Verdict;
            return ValueTask.FromResult(verdict.Kind == VerdictKind.Infected ? OpenDecision.Deny : OpenDecision.Allow);
        });
        #endregion

        Assert.Contains("Operation not permitted", _mount.Shell("cat infected").Errors, StringComparison.Ordinal);
    }

    /// <summary>What a host would keep: here, names.</summary>
    private sealed class Marks
    {
        private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HashSet<string> Trusted { get; } = [];

        public Task Changed => _changed.Task;

        public void DistrustAll() => Trusted.Clear();

        public void Distrust(string path, UInt128? fileId)
        {
            Assert.NotNull(fileId);
            if (Trusted.Remove(path))
            {
                _changed.SetResult();
            }
        }
    }
}
