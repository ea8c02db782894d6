using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>A clock that a program believes to be the system's, by libfaketime. It can be moved while the program runs.</summary>
internal sealed class FakedClock
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime";

    private readonly string _file;

    public FakedClock(TemporaryFolder folder)
    {
        Peer.RequireFolder(Library, "libfaketime");
        _file = folder["clock"];
        Set("+0");
    }

    /// <summary>Gets the variables of a program that is to believe it.</summary>
    public (string Name, string Value)[] Environment =>
    [
        ("LD_PRELOAD", $"{Library}/libfaketime.so.1"), ("FAKETIME_TIMESTAMP_FILE", _file), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("TZ", "UTC"),
    ];

    /// <summary>Moves the clock: <c>+7d</c> ahead of the system's.</summary>
    public void Set(string ahead)
    {
        // At once, so that nobody reads half of it.
        File.WriteAllText(_file + ".next", ahead);
        File.Move(_file + ".next", _file, overwrite: true);
    }

    /// <summary>Sets the clock to a moment, from which it goes on.</summary>
    public void Set(DateTime moment) => Set($"{(moment - DateTime.UtcNow).TotalSeconds:+0;-0}");
}
