using System.Collections.Concurrent;
using System.Globalization;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Gives every client that shows credentials a number that votes and the log know it by, for good. Safe for concurrent use.</summary>
internal sealed class ClientRegistry : IDisposable
{
    /// <summary>Beyond so many names, new ones ask and do not vote: somebody is making them up.</summary>
    private const int MaxClients = 1_000_000;

    /// <summary>Held for a new name, which goes to disk; nobody who looks for a name waits for that.</summary>
    private readonly Lock _writing = new();
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<(string Tenant, string Name), uint> _ids = new();
    private readonly List<(string Tenant, string Name)> _names = [(ClientIdentity.DefaultTenant, "anonymous")];
    private readonly SealedJournal? _journal;

    /// <summary>Initializes a new instance of the <see cref="ClientRegistry"/> class.</summary>
    /// <param name="journal">Where the numbers outlive the server, with what it holds.</param>
    public ClientRegistry((SealedJournal File, List<string> Lines)? journal = null)
    {
        _journal = journal?.File;
        foreach (string line in journal?.Lines ?? [])
        {
            int end = line.IndexOf('\t', StringComparison.Ordinal);
            Keep(end < 0 ? ClientIdentity.DefaultTenant : line[..end], line[(end + 1)..]);
        }
    }

    public int Count => _ids.Count;

    /// <summary>Gets the number of a client, which is given and on disk when this returns.</summary>
    /// <returns>0 if no more numbers are given, or the disk does not take one: such a client is a stranger.</returns>
    public uint IdOf(string tenant, string name)
    {
        if (_ids.TryGetValue((tenant, name), out uint id))
        {
            return id;
        }

        lock (_writing)
        {
            if (_ids.TryGetValue((tenant, name), out id))
            {
                return id;
            }

            if (_ids.Count >= MaxClients)
            {
                return 0;
            }

            try
            {
                _journal?.Append(tenant + "\t" + name);
            }
            catch (IOException)
            {
                return 0;
            }

            return Keep(tenant, name);
        }
    }

    public string NameOf(uint id)
    {
        lock (_lock)
        {
            return id < _names.Count ? _names[(int)id].Name : id.ToString(CultureInfo.InvariantCulture);
        }
    }

    public string TenantOf(uint id)
    {
        lock (_lock)
        {
            return id < _names.Count ? _names[(int)id].Tenant : "";
        }
    }

    /// <summary>Finds a client that is known.</summary>
    /// <returns>0 if it is not.</returns>
    public uint Find(string tenant, string name) => _ids.GetValueOrDefault((tenant, name));

    public void Dispose() => _journal?.Dispose();

    private uint Keep(string tenant, string name)
    {
        lock (_lock)
        {
            uint id = (uint)_names.Count;
            _names.Add((tenant, name));
            _ids[(tenant, name)] = id;
            return id;
        }
    }
}
