using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>The policies of groups: every version is kept, the newest counts, and a group without one follows the group above. Safe for concurrent use.</summary>
public sealed class PolicyStore
{
    private const int MaxComment = 500;

    /// <summary>How long another manager's change may go unnoticed here.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly ManagementDatabase _database;
    private readonly GroupTree _groups;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<int, (EffectivePolicy Policy, long Read)> _known = [];

    internal PolicyStore(ManagementDatabase database, GroupTree groups, AuditLog audit, TimeProvider time)
    {
        _database = database;
        _groups = groups;
        _audit = audit;
        _time = time;
    }

    /// <summary>Reads what clients of a group are told.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ManagementException">There is no such group.</exception>
    public async ValueTask<EffectivePolicy> EffectiveAsync(int groupId, CancellationToken cancellationToken = default)
    {
        if (_known.TryGetValue(groupId, out (EffectivePolicy Policy, long Read) known) && _time.GetElapsedTime(known.Read) < Freshness)
        {
            return known.Policy;
        }

        long read = _time.GetTimestamp();
        EffectivePolicy policy = await ComputeAsync(groupId, cancellationToken).ConfigureAwait(false);
        _known[groupId] = (policy, read);
        return policy;
    }

    /// <summary>Reads the versions of a group's own policy, the newest first.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="count">How many at most, up to 200.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The versions.</returns>
    public async Task<IReadOnlyList<PolicyVersion>> HistoryAsync(int groupId, int count = 50, CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        List<PolicyRecord> records = await context.Policies.Where(p => p.GroupId == groupId).OrderByDescending(static p => p.Number).Take(Math.Clamp(count, 1, 200))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. records.Select(Describe)];
    }

    /// <summary>Sets a group's policy.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="policy">The policy; <see langword="null"/> to follow the group above from now on.</param>
    /// <param name="comment">Why.</param>
    /// <param name="actor">Who sets it.</param>
    /// <param name="expectedNumber">The version that was the newest when the change was begun, so that nobody's change is overwritten unseen; <see langword="null"/> to set it whatever there is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="ManagementException">A member is not as it must be, and is named; there is no such group; or somebody else changed it meanwhile.</exception>
    public Task<PolicyVersion> SetAsync(
        int groupId, PolicyDocument? policy, string comment, Actor actor, int? expectedNumber = null, CancellationToken cancellationToken = default)
    {
        try
        {
            policy?.Validate();
        }
        catch (JsonException e)
        {
            throw ManagementException.Invalid(e.Message);
        }

        return AddAsync(groupId, policy?.ToJson(), comment, actor, expectedNumber, null, cancellationToken);
    }

    /// <summary>Brings an earlier version back, as a new one.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="number">The earlier version.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="ManagementException">There is no such version.</exception>
    public async Task<PolicyVersion> RestoreAsync(int groupId, int number, Actor actor, CancellationToken cancellationToken = default)
    {
        PolicyRecord? earlier;
        await using (ManagementContext context = _database.Open())
        {
            earlier = await context.Policies.SingleOrDefaultAsync(p => p.GroupId == groupId && p.Number == number, cancellationToken).ConfigureAwait(false);
        }

        return earlier is null
            ? throw ManagementException.NotFound("version of this policy")
            : await AddAsync(groupId, earlier.Document, $"back to version {number}", actor, null, number, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has everything read anew: a policy, a recall or a group has changed.</summary>
    internal void Forget() => _known.Clear();

    private async Task<PolicyVersion> AddAsync(
        int groupId, byte[]? document, string comment, Actor actor, int? expectedNumber, int? restoredFrom, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        if (comment is null or { Length: > MaxComment })
        {
            throw ManagementException.Invalid($"comment: at most {MaxComment} characters are taken.");
        }

        PolicyRecord record = await _database.WriteAsync(
            async context =>
            {
                GroupRecord group = await context.Groups.SingleOrDefaultAsync(g => g.Id == groupId, cancellationToken).ConfigureAwait(false) ?? throw ManagementException.NotFound("group");
                int newest = await context.Policies.Where(p => p.GroupId == groupId).MaxAsync(static p => (int?)p.Number, cancellationToken).ConfigureAwait(false) ?? 0;
                if (expectedNumber is { } expected && expected != newest)
                {
                    throw new ManagementException(ManagementFault.Conflict, $"expectedNumber: somebody else has set version {newest} meanwhile.");
                }

                PolicyRecord added = new()
                {
                    GroupId = groupId,
                    Number = newest + 1,
                    Document = document,
                    Created = _time.GetUtcNow(),
                    Author = actor.Name,
                    Comment = PrintableText.Escape(comment),
                    RestoredFrom = restoredFrom,
                };
                context.Policies.Add(added);
                _audit.Add(context, actor, document is null ? "policy.inherit" : "policy.set", group.PathKey, $"version {added.Number}: {comment}");
                return added;
            },
            cancellationToken).ConfigureAwait(false);
        Forget();
        return Describe(record);
    }

    private async Task<EffectivePolicy> ComputeAsync(int groupId, CancellationToken cancellationToken)
    {
        GroupTree.Snapshot groups = await _groups.ReadAsync(cancellationToken).ConfigureAwait(false);
        await using ManagementContext context = _database.Open();
        PolicyRecord? source = null;
        foreach (ClientGroup group in groups.Ancestors(groups.Find(groupId).Id))
        {
            source = await context.Policies.Where(p => p.GroupId == group.Id).OrderByDescending(static p => p.Number).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
            if (source?.Document is not null)
            {
                break;
            }

            source = null;
        }

        PolicyDocument policy = source?.Document is { } document ? PolicyDocument.Parse(document) : new PolicyDocument(name: "Default");
        List<string> recalled = await context.Recalls.OrderBy(static r => r.Created).ThenBy(static r => r.Hash).Select(static r => r.Hash)
            .Take(VirtualImagesPolicy.MaxListed).ToListAsync(cancellationToken).ConfigureAwait(false);
        policy = WithRecalls(policy, recalled);
        byte[] json = policy.ToJson();
        return new EffectivePolicy
        {
            GroupId = groupId,
            FromGroupId = source?.GroupId,
            Number = source?.Number,
            Policy = policy,
            Tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 16))}\"",
            Json = json,
        };
    }

    private static PolicyDocument WithRecalls(PolicyDocument policy, List<string> recalled)
    {
        if (recalled.Count == 0)
        {
            return policy;
        }

        VirtualImagesPolicy images = policy.Scan.VirtualImages;
        ContentHash[] all = [.. images.RecalledContents.Concat(recalled.Select(static hash => ContentHash.Parse(hash))).Distinct().Take(VirtualImagesPolicy.MaxListed)];
        return policy with { Scan = policy.Scan with { VirtualImages = images with { RecalledContents = all } } };
    }

    private static PolicyVersion Describe(PolicyRecord p)
        => new(p.GroupId, p.Number, p.Document is null ? null : PolicyDocument.Parse(p.Document), p.Created, p.Author, p.Comment, p.RestoredFrom);
}
