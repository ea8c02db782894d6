using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>A group of clients.</summary>
/// <param name="Id">The group's number.</param>
/// <param name="ParentId">The group above; <see langword="null"/> for the one at the top.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">The names of all groups above and its own: <c>/VDI/Floor 1</c>; <c>/</c> for the one at the top.</param>
public sealed record ClientGroup(int Id, int? ParentId, string Name, string Path);

/// <summary>The tree of groups. Safe for concurrent use.</summary>
public sealed class GroupTree
{
    /// <summary>The number of the group at the top, which is always there.</summary>
    public const int RootId = 1;

    /// <summary>The most groups.</summary>
    public const int MaxGroups = 2000;

    private const int MaxDepth = 16;
    private const int MaxName = 64;

    /// <summary>How long another manager's change of the tree may go unnoticed here.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly ManagementDatabase _database;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private Snapshot? _snapshot;

    internal GroupTree(ManagementDatabase database, AuditLog audit, TimeProvider time)
    {
        _database = database;
        _audit = audit;
        _time = time;
    }

    /// <summary>Reads all groups, by their paths.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The groups.</returns>
    public async Task<IReadOnlyList<ClientGroup>> ListAsync(CancellationToken cancellationToken = default)
        => (await ReadAsync(cancellationToken).ConfigureAwait(false)).InOrder;

    /// <summary>Makes a group.</summary>
    /// <param name="parentId">The group above.</param>
    /// <param name="name">Its name: up to 64 characters, no slash.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The group.</returns>
    /// <exception cref="ManagementException">The name is not allowed or taken, or there are too many groups.</exception>
    public async Task<ClientGroup> AddAsync(int parentId, string name, Actor actor, CancellationToken cancellationToken = default)
    {
        string clean = CleanName(name);
        int id = await _database.WriteAsync(
            async context =>
            {
                Snapshot tree = await LoadAsync(context, cancellationToken).ConfigureAwait(false);
                ClientGroup parent = tree.Find(parentId);
                if (tree.InOrder.Count >= MaxGroups || tree.Ancestors(parentId).Count() >= MaxDepth)
                {
                    throw new ManagementException(ManagementFault.Conflict, $"At most {MaxGroups} groups in {MaxDepth} levels are kept.");
                }

                string path = PathOf(parent.Path, clean);
                RequireFree(tree, path);
                GroupRecord record = new() { ParentId = parentId, Name = clean, PathKey = path.ToLowerInvariant() };
                context.Groups.Add(record);
                _audit.Add(context, actor, "group.add", path);
                await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                return record.Id;
            },
            cancellationToken).ConfigureAwait(false);
        _snapshot = null;
        return (await ReadAsync(cancellationToken).ConfigureAwait(false)).Find(id);
    }

    /// <summary>Gives a group another name.</summary>
    /// <param name="id">The group.</param>
    /// <param name="name">The name.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">There is no such group, or the name is not allowed or taken.</exception>
    public async Task RenameAsync(int id, string name, Actor actor, CancellationToken cancellationToken = default)
    {
        string clean = CleanName(name);
        await _database.WriteAsync(
            async context =>
            {
                Snapshot tree = await LoadAsync(context, cancellationToken).ConfigureAwait(false);
                ClientGroup group = tree.Find(id);
                if (group.ParentId is not { } parentId)
                {
                    throw new ManagementException(ManagementFault.Conflict, "The group at the top keeps its name.");
                }

                string path = PathOf(tree.Find(parentId).Path, clean);
                RequireFree(tree, path, except: id);
                foreach (GroupRecord record in await context.Groups.ToListAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (record.Id == id)
                    {
                        record.Name = clean;
                        record.PathKey = path.ToLowerInvariant();
                    }
                    else if (tree.Ancestors(record.Id).Any(above => above.Id == id))
                    {
                        record.PathKey = (path + tree.Find(record.Id).Path[group.Path.Length..]).ToLowerInvariant();
                    }
                }

                _audit.Add(context, actor, "group.rename", group.Path, path);
            },
            cancellationToken).ConfigureAwait(false);
        _snapshot = null;
    }

    /// <summary>Deletes a group that holds neither groups nor clients, with its policies and tokens.</summary>
    /// <param name="id">The group.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">There is no such group, or it is not empty.</exception>
    public async Task DeleteAsync(int id, Actor actor, CancellationToken cancellationToken = default)
    {
        await _database.WriteAsync(
            async context =>
            {
                Snapshot tree = await LoadAsync(context, cancellationToken).ConfigureAwait(false);
                ClientGroup group = tree.Find(id);
                if (group.ParentId is null || tree.InOrder.Any(g => g.ParentId == id) || await context.Clients.AnyAsync(c => c.GroupId == id, cancellationToken).ConfigureAwait(false))
                {
                    throw new ManagementException(ManagementFault.Conflict, "Only a group that holds neither groups nor clients is deleted, and never the one at the top.");
                }

                await context.Tokens.Where(t => t.GroupId == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                await context.Groups.Where(g => g.Id == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                _audit.Add(context, actor, "group.delete", group.Path);
            },
            cancellationToken).ConfigureAwait(false);
        _snapshot = null;
    }

    internal async ValueTask<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        if (_snapshot is { } known && _time.GetElapsedTime(known.Read) < Freshness)
        {
            return known;
        }

        await using ManagementContext context = _database.Open();
        return _snapshot = await LoadAsync(context, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Snapshot> LoadAsync(ManagementContext context, CancellationToken cancellationToken)
    {
        long read = _time.GetTimestamp();
        return new Snapshot(await context.Groups.AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false), read);
    }

    private static string PathOf(string parent, string name) => parent == "/" ? "/" + name : $"{parent}/{name}";

    private static void RequireFree(Snapshot tree, string path, int except = 0)
    {
        if (tree.InOrder.Any(group => group.Id != except && string.Equals(group.Path, path, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ManagementException(ManagementFault.Conflict, "name: there is a group of this name already.");
        }
    }

    private static string CleanName(string name)
    {
        string clean = (name ?? "").Trim();
        return clean.Length is > 0 and <= MaxName && !clean.Contains('/', StringComparison.Ordinal) && ReferenceEquals(PrintableText.Escape(clean), clean)
            ? clean
            : throw ManagementException.Invalid($"name: 1 to {MaxName} printable characters without a slash are needed.");
    }

    /// <summary>The tree at one moment. Immutable.</summary>
    internal sealed class Snapshot
    {
        private readonly Dictionary<int, ClientGroup> _groups = [];

        public Snapshot(IReadOnlyCollection<GroupRecord> records, long read)
        {
            Read = read;
            ILookup<int?, GroupRecord> children = records.ToLookup(static record => record.ParentId);
            Queue<(GroupRecord Record, string Path)> due = new(children[null].Select(static root => (root, "/")));
            while (due.TryDequeue(out (GroupRecord Record, string Path) next))
            {
                _groups.Add(next.Record.Id, new ClientGroup(next.Record.Id, next.Record.ParentId, next.Record.Name, next.Path));
                foreach (GroupRecord child in children[next.Record.Id])
                {
                    due.Enqueue((child, PathOf(next.Path, child.Name)));
                }
            }

            InOrder = [.. _groups.Values.OrderBy(static group => group.Path, StringComparer.OrdinalIgnoreCase)];
        }

        public long Read { get; }

        public IReadOnlyList<ClientGroup> InOrder { get; }

        public ClientGroup Find(int id) => _groups.GetValueOrDefault(id) ?? throw ManagementException.NotFound("group");

        public string PathOf(int id) => _groups.GetValueOrDefault(id)?.Path ?? "/";

        /// <summary>The group itself and those above, up to the top.</summary>
        public IEnumerable<ClientGroup> Ancestors(int id)
        {
            for (ClientGroup? group = _groups.GetValueOrDefault(id); group is not null; group = group.ParentId is { } parent ? _groups.GetValueOrDefault(parent) : null)
            {
                yield return group;
            }
        }

        /// <summary>The groups that a search names, and all below them.</summary>
        public int[] Within(Func<ClientGroup, bool> named)
        {
            HashSet<int> within = [.. _groups.Values.Where(named).Select(static group => group.Id)];
            return [.. _groups.Keys.Where(id => Ancestors(id).Any(above => within.Contains(above.Id)))];
        }

        private static string PathOf(string parent, string name) => GroupTree.PathOf(parent, name);
    }
}
