using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <summary>What clients reported. It outlives them. Safe for concurrent use.</summary>
public sealed class ResultStore
{
    private const int MaxPage = 500;

    private readonly ManagementDatabase _database;
    private readonly ManagementServerOptions _options;
    private readonly TimeProvider _time;

    internal ResultStore(ManagementDatabase database, IOptions<ManagementServerOptions> options, TimeProvider time)
    {
        _database = database;
        _options = options.Value;
        _time = time;
    }

    /// <summary>Reads scans, the newest first.</summary>
    /// <param name="clientId">Only of this client.</param>
    /// <param name="before">Only with a smaller number, to go on behind a page.</param>
    /// <param name="count">How many at most, up to 500.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The scans.</returns>
    public async Task<IReadOnlyList<ScanEntry>> ScansAsync(Guid? clientId = null, long? before = null, int count = 100, CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        IQueryable<ScanRecord> scans = context.Scans;
        if (clientId is { } client)
        {
            scans = scans.Where(s => s.ClientId == client);
        }

        if (before is { } id)
        {
            scans = scans.Where(s => s.Id < id);
        }

        List<ScanRecord> records = await scans.OrderByDescending(static s => s.Id).Take(Math.Clamp(count, 1, MaxPage)).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. records.Select(Describe)];
    }

    /// <summary>Reads detections, the newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The detections.</returns>
    public async Task<IReadOnlyList<DetectionEntry>> DetectionsAsync(DetectionFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using ManagementContext context = _database.Open();
        List<DetectionRecord> records = await Select(context, filter).Take(Math.Clamp(filter.Count, 1, MaxPage)).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. records.Select(Describe)];
    }

    /// <summary>Takes a batch.</summary>
    /// <returns>Whether it was counted now; otherwise it had been before.</returns>
    internal async Task<ResultReceipt> TakeAsync(ClientIdentity client, ResultBatch batch, CancellationToken cancellationToken)
    {
        batch.Validate();
        DateTimeOffset now = _time.GetUtcNow();
        if (batch.Created < now - _options.ResultRetention)
        {
            throw new ManagementException(ManagementFault.TooOld, "created: the batch is older than batches are remembered.");
        }

        bool counted = await _database.WriteAsync(
            async context =>
            {
                if (await context.Batches.AnyAsync(b => b.ClientId == client.Id && b.BatchId == batch.Id, cancellationToken).ConfigureAwait(false))
                {
                    return false;
                }

                // The key of the table is the last word where the same batch comes twice at once: the loser is rolled back, and finds it the next time.
                context.Batches.Add(new BatchRecord { ClientId = client.Id, BatchId = batch.Id, Received = now });
                await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                context.Scans.AddRange(batch.Scans.Select(scan => Record(client, scan, scan.Started < now && scan.Started > now - _options.ResultRetention ? scan.Started : now)));
                context.Detections.AddRange(batch.Detections.Select(detection => Record(client, detection, now)));
                if (batch.Detections.Count > 0)
                {
                    DateTimeOffset last = batch.Detections.Max(d => d.Time < now ? d.Time : now);
                    await context.Clients.Where(c => c.Id == client.Id)
                        .ExecuteUpdateAsync(
                            set => set.SetProperty(static c => c.Detections, c => c.Detections + batch.Detections.Count)
                                .SetProperty(static c => c.LastDetection, c => c.LastDetection == null || c.LastDetection < last ? last : c.LastDetection),
                            cancellationToken).ConfigureAwait(false);
                }

                // A clock that runs ahead makes no days that nobody clears away.
                int tomorrow = DateOnly.FromDateTime(now.UtcDateTime).DayNumber + 1;
                foreach (IGrouping<(int, string, string, Guid), SavingDocument> savings in batch.Savings.GroupBy(s => (
                    Math.Min(s.Day.DayNumber, tomorrow), TagColumns.Shown(s.Exemption, WireLimits.MaxText), TagColumns.Shown(s.ImageId, WireLimits.MaxText), s.SealId ?? Guid.Empty)))
                {
                    await AddAsync(context, client, savings, cancellationToken).ConfigureAwait(false);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return new ResultReceipt(batch.Id, counted);
    }

    /// <summary>Clears away what is too old.</summary>
    internal async Task ForgetAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset oldest = now - _options.ResultRetention;

        // A batch that is refused for its age must have been known until then, whatever the client's clock said.
        DateTimeOffset oldestBatch = oldest - TimeSpan.FromDays(2);
        DateTimeOffset oldestAudit = now - _options.AuditRetention;
        int oldestDay = DateOnly.FromDateTime(oldest.UtcDateTime).DayNumber;
        await _database.WriteAsync(
            async context =>
            {
                await context.Batches.Where(b => b.Received < oldestBatch).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                await context.Scans.Where(s => s.Started < oldest).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                await context.Detections.Where(d => d.Received < oldest).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                await context.Reliances.Where(r => r.Last < oldest).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                await context.Savings.Where(s => s.Day < oldestDay).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                await context.Audit.Where(a => a.Time < oldestAudit).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    internal static IQueryable<DetectionRecord> Select(ManagementContext context, DetectionFilter filter)
    {
        IQueryable<DetectionRecord> detections = context.Detections;
        if (filter.ClientId is { } client)
        {
            detections = detections.Where(d => d.ClientId == client);
        }

        if (filter.Hash?.ToString() is { } hash)
        {
            detections = detections.Where(d => d.Hash == hash);
        }

        if (filter.Threat?.ToLowerInvariant() is { Length: > 0 } threat)
        {
            detections = detections.Where(d => d.ThreatKey.Contains(threat));
        }

        if (filter.Since is { } since)
        {
            detections = detections.Where(d => d.Time >= since);
        }

        if (filter.Until is { } until)
        {
            detections = detections.Where(d => d.Time < until);
        }

        if (filter.Before is { } before)
        {
            detections = detections.Where(d => d.Id < before);
        }

        return detections.OrderByDescending(static d => d.Id);
    }

    internal static DetectionEntry Describe(DetectionRecord d) => new()
    {
        Id = d.Id,
        ClientId = d.ClientId,
        ClientName = d.ClientName,
        Time = d.Time,
        Received = d.Received,
        Threat = d.Threat,
        Location = d.Location,
        Hash = d.Hash,
        Length = d.Length,
        Trigger = d.Trigger,
        Action = d.Action,
        Definitions = d.Definitions,
        SealId = d.SealId,
        ImageId = d.ImageId,
    };

    private static async Task AddAsync(ManagementContext context, ClientIdentity client, IGrouping<(int Day, string Exemption, string Image, Guid Seal), SavingDocument> savings, CancellationToken cancellationToken)
    {
        (int day, string exemption, string image, Guid seal) = savings.Key;
        SavingRecord? record = await context.Savings
            .SingleOrDefaultAsync(s => s.ClientId == client.Id && s.Day == day && s.Exemption == exemption && s.ImageId == image && s.SealId == seal, cancellationToken).ConfigureAwait(false);
        if (record is null)
        {
            record = new SavingRecord { ClientId = client.Id, ClientName = client.Name, Day = day, Exemption = exemption, ImageId = image, SealId = seal };
            context.Savings.Add(record);
        }

        foreach (SavingDocument saving in savings)
        {
            record.Contents = Add(record.Contents, saving.Contents);
            record.Bytes = Add(record.Bytes, saving.Bytes);
            record.Milliseconds = Add(record.Milliseconds, saving.Milliseconds);
        }
    }

    /// <summary>A client may claim what it likes: its sums stay at a bound where those of a thousand clients still fit into 64 bits.</summary>
    private static long Add(long sum, long amount) => Math.Min(sum + amount, 1L << 53);

    /// <summary>A scan is kept by when it started; what a clock says that is wrong must neither keep it for ever nor have it forgotten at once.</summary>
    private static ScanRecord Record(ClientIdentity client, ScanDocument scan, DateTimeOffset started) => new()
    {
        ClientId = client.Id,
        ClientName = client.Name,
        Started = started,
        Trigger = scan.Trigger,
        Target = TagColumns.Shown(scan.Target, WireLimits.MaxLocation),
        Definitions = TagColumns.Shown(scan.Definitions?.Version, WireLimits.MaxText),
        Contents = scan.Contents,
        Bytes = scan.Bytes,
        Infected = scan.Infected,
        Incomplete = scan.Incomplete,
        Failed = scan.Failed,
        Skipped = scan.Skipped,
        Problems = scan.Problems,
        BytesSaved = scan.BytesSaved,
        MillisecondsSaved = scan.MillisecondsSaved,
        Milliseconds = scan.Milliseconds,
        Cancelled = scan.Cancelled,
        Ledger = JsonSerializer.Serialize(scan.Ledger.Select(static line => line with { By = TagColumns.Shown(line.By, WireLimits.MaxText) }), ServerJson.Options),
    };

    private static DetectionRecord Record(ClientIdentity client, DetectionDocument detection, DateTimeOffset now) => new()
    {
        ClientId = client.Id,
        ClientName = client.Name,
        Time = detection.Time < now ? detection.Time : now,
        Received = now,
        Threat = TagColumns.Shown(detection.Threat, WireLimits.MaxText),
        ThreatKey = TagColumns.Key(detection.Threat),
        Location = TagColumns.Shown(detection.Location, WireLimits.MaxLocation),
        Hash = detection.Hash?.ToString() ?? "",
        Length = detection.Length,
        Trigger = detection.Trigger,
        Action = detection.Action,
        Definitions = TagColumns.Shown(detection.Definitions?.Version, WireLimits.MaxText),
        SealId = detection.SealId,
        ImageId = TagColumns.Shown(detection.ImageId, WireLimits.MaxText),
    };

    private static ScanEntry Describe(ScanRecord s) => new(s.Id, s.ClientId, s.ClientName, new ScanDocument
    {
        Started = s.Started,
        Trigger = s.Trigger,
        Target = s.Target,
        Definitions = s.Definitions.Length == 0 ? null : new DefinitionsDocument { Engine = "", Version = s.Definitions },
        Contents = s.Contents,
        Bytes = s.Bytes,
        Infected = s.Infected,
        Incomplete = s.Incomplete,
        Failed = s.Failed,
        Skipped = s.Skipped,
        Problems = s.Problems,
        BytesSaved = s.BytesSaved,
        MillisecondsSaved = s.MillisecondsSaved,
        Milliseconds = s.Milliseconds,
        Cancelled = s.Cancelled,
        Ledger = JsonSerializer.Deserialize<List<LedgerDocument>>(s.Ledger, ServerJson.Options) ?? [],
    });
}
