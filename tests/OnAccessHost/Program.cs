using Symantec.Virtualization.Scanning.OnAccess;

// OnAccessHost gate FOLDER       guards the folder's mount, decides nothing, says "asked" with each request
// OnAccessHost allow FOLDER      guards the folder's mount, fails on files named "odd", takes too long over those named "slow", allows all others
// OnAccessHost changes FOLDER    opens a source of changes by fanotify
// Says "ready" and waits for the end of its input; says why if it cannot.
try
{
    await using IAsyncDisposable held = args switch
    {
        ["gate", string folder] => OpenPermissionGate.Open(folder, Wait, new OpenPermissionOptions { Scope = OpenPermissionScope.Mount }),
        ["allow", string folder] => OpenPermissionGate.Open(
            folder, Allow, new OpenPermissionOptions { Scope = OpenPermissionScope.Mount, DecisionTimeout = TimeSpan.FromMilliseconds(300), RememberAllowed = true }),
        ["changes", string folder] => FileChangeSource.Open(folder, new FileChangeOptions { Mechanism = FileChangeMechanism.Fanotify }),
        _ => throw new ArgumentException("gate or changes, and a folder"),
    };
    Console.WriteLine("ready");
    Console.In.ReadToEnd();
    return 0;
}
catch (OnAccessException e)
{
    Console.WriteLine(e.Message);
    return 2;
}

static async ValueTask<OpenDecision> Wait(OpenRequest request, CancellationToken cancellationToken)
{
    Console.WriteLine("asked");
    await Task.Delay(Timeout.Infinite, cancellationToken);
    return OpenDecision.Deny;
}

static async ValueTask<OpenDecision> Allow(OpenRequest request, CancellationToken cancellationToken)
{
    switch (Path.GetFileName(request.Path))
    {
        case "odd":
            throw new InvalidOperationException("odd");
        case "slow":
            await Task.Delay(Timeout.Infinite, cancellationToken);
            break;
    }

    return OpenDecision.Allow;
}
