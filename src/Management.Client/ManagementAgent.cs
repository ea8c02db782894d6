using System.Net;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly.Timeout;
using Refit;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Client;

/// <summary>
/// An agent's half of its manager: enrols once, tells that it lives, follows its policy, and reports. Without a manager the last policy counts and results wait. Safe for concurrent use.
/// </summary>
public sealed class ManagementAgent : ITagReporter, IDisposable
{
    private readonly IManagementApi _api;
    private readonly ManagementClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IRecallWitness? _witness;
    private readonly CredentialFile _credentials;
    private readonly PolicyFile _policyFile;
    private readonly SemaphoreSlim _turn = new(1);

    private KeptCredentials? _kept;
    private long _sequence;
    private TagReport? _tag;
    private bool _tagDue;
    private AgentStatus? _told;
    private volatile Applied _applied;
    private string? _answeredTag;

    /// <summary>Initializes a new instance of the <see cref="ManagementAgent"/> class with what was kept; nothing is sent.</summary>
    /// <param name="api">The manager.</param>
    /// <param name="options">Where things are kept.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where faults are logged.</param>
    /// <param name="witness">What knows which contents were skipped.</param>
    /// <exception cref="IOException">The state folder cannot be made.</exception>
    public ManagementAgent(
        IManagementApi api, ManagementClientOptions options, TimeProvider? time = null, ILogger<ManagementAgent>? logger = null, IRecallWitness? witness = null)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(options);
        _api = api;
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<ManagementAgent>.Instance;
        _witness = witness;
        StateFile.MakeFolder(options.StateFolder);
        _credentials = new CredentialFile(options.StateFolder);
        _policyFile = new PolicyFile(options.StateFolder);
        _kept = _credentials.Read();
        _applied = _policyFile.Read() is (var policy, var tag) ? new Applied(policy, tag) : new Applied(new PolicyDocument(), null);
        Spool = new ResultSpool(Path.Combine(options.StateFolder, "spool"), options.SpoolLimit, _time);
    }

    /// <summary>Tells that another policy counts now.</summary>
    public event EventHandler<PolicyDocument>? PolicyChanged;

    /// <summary>Gets the policy that counts: the last one that came, also before the manager was reached; that which skips nothing if none ever came.</summary>
    public PolicyDocument Policy => _applied.Policy;

    /// <summary>Gets the client's identifier; <see langword="null"/> before it has enrolled.</summary>
    public Guid? ClientId => _kept?.ClientId;

    /// <summary>Gets or sets how the agent is; told at the next heartbeat.</summary>
    public AgentStatus Status { get; set; } = new();

    /// <summary>Gets where results wait.</summary>
    public ResultSpool Spool { get; }

    /// <summary>Does everything that is due: enrols, tells that it lives, fetches another policy, answers recalls, sends what waits.</summary>
    /// <param name="cancellationToken">Ends the round.</param>
    /// <returns>After which time the next round is expected.</returns>
    /// <exception cref="ManagementClientException">Something could not be done; the next round does it.</exception>
    public async Task<TimeSpan> RunRoundAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            HeartbeatResponse answer = await BeatAsync(cancellationToken).ConfigureAwait(false);
            if (answer.PolicyTag != _applied.Tag)
            {
                await FetchPolicyAsync(cancellationToken).ConfigureAwait(false);
            }

            ExceptionDispatchInfo? fault = await AnswerRecallsAsync(cancellationToken).ConfigureAwait(false);
            await SendResultsAsync(cancellationToken).ConfigureAwait(false);
            fault?.Throw();
            return TimeSpan.FromSeconds(Math.Clamp(answer.NextSeconds, 5, 86_400));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Tells the manager what the machine is, at once.</summary>
    /// <param name="report">The tag.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the manager has it.</returns>
    /// <exception cref="ManagementClientException">The manager does not have it; the next heartbeat brings it.</exception>
    public async ValueTask ReportAsync(TagReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _tag = report;
            _tagDue = true;
            await BeatAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<HeartbeatResponse> BeatAsync(CancellationToken cancellationToken)
    {
        MachineIdentity machine = MachineReader.Read(_options);
        await EnrolIfDueAsync(machine, cancellationToken).ConfigureAwait(false);
        for (int tries = 0; ; tries++)
        {
            AgentStatus status = Status;
            TagReport? tag = _tagDue ? _tag : null;
            HeartbeatRequest request = new()
            {
                // By the clock, so that nothing need be kept for it; by the last one where the clock went back.
                Sequence = _sequence = Math.Max(_sequence + 1, _time.GetUtcNow().ToUnixTimeMilliseconds()),
                Machine = machine,
                AgentVersion = _options.AgentVersion,
                State = status.State,
                StateDetail = status.Detail is { Length: > WireLimits.MaxName } detail ? detail[..WireLimits.MaxName] : status.Detail,
                Definitions = status.Definitions is null ? null : DefinitionsDocument.Of(status.Definitions),
                PolicyTag = _applied.Tag,
                Tag = TagDocument.Of(tag),
                Properties = Same(_told?.Properties, status.Properties) ? null : status.Properties,
                Images = _told is not null && _told.Images.SequenceEqual(status.Images) ? null : status.Images,
            };
            try
            {
                HeartbeatResponse answer = await AskAsync(authorization => _api.HeartbeatAsync(authorization, request, cancellationToken), cancellationToken).ConfigureAwait(false);
                _told = answer.TellAll ? null : status;
                _tagDue = answer.TellAll ? _tag is not null : _tagDue && !ReferenceEquals(tag, _tag);
                return answer;
            }
            catch (ReplayException e) when (tries == 0)
            {
                // The clock went back, or the machine did.
                _sequence = e.Last;
            }
            catch (ManagementClientException e) when (e.Fault == ManagementClientFault.Unknown && _options.EnrolmentToken is not null && tries == 0)
            {
                // It was forgotten, as a desktop is that was off for long. What it has is kept until there is something better: the answer may have been wrong.
                await EnrolAsync(machine, cancellationToken).ConfigureAwait(false);
            }
            catch (ReplayException e)
            {
                throw new ManagementClientException(ManagementClientFault.Refused, "The manager has taken a later heartbeat: another machine may have the same credentials.", e);
            }
        }
    }

    private async Task EnrolIfDueAsync(MachineIdentity machine, CancellationToken cancellationToken)
    {
        if (_kept is { } kept && kept.HardwareId != machine.HardwareId && _options.EnrolmentToken is not null)
        {
            Log.CredentialsOfAnother(_logger);
            await EnrolAsync(machine, cancellationToken).ConfigureAwait(false);
        }
        else if (_kept is null)
        {
            await EnrolAsync(machine, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EnrolAsync(MachineIdentity machine, CancellationToken cancellationToken)
    {
        if (_options.EnrolmentToken is not { } token)
        {
            throw new ManagementClientException(ManagementClientFault.Unknown, "The machine has not enrolled, and has no token to enrol by.");
        }

        _credentials.RequireRoom();
        EnrolmentRequest request = new() { Token = token, Machine = machine, AgentVersion = _options.AgentVersion, Tag = TagDocument.Of(_tag) };
        EnrolmentResponse answer = await TranslateAsync(() => _api.EnrolAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        Require(answer.Validate);
        KeptCredentials credentials = new(answer.ClientId, answer.Secret, machine.HardwareId);
        _credentials.Write(credentials);
        _kept = credentials;
        _told = null;
        _sequence = 0;
        _tagDue = _tag is not null;
        Log.Enrolled(_logger, answer.ClientId, answer.Group);
    }

    private async Task FetchPolicyAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(authorization => _api.GetPolicyAsync(authorization, _applied.Tag, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw Fault(response.StatusCode, "The policy was not told.", null);
        }

        byte[] json = await TranslateAsync(() => response.Content.ReadAsByteArrayAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        PolicyDocument policy;
        try
        {
            policy = PolicyDocument.Parse(json);
        }
        catch (JsonException e)
        {
            Log.PolicyRefused(_logger, e.Message);
            return;
        }

        string tag = response.Headers.ETag?.ToString() ?? "";
        try
        {
            _policyFile.Write(json, tag);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A recall must not wait for a disk that is full.
            Log.PolicyNotKept(_logger, e);
        }

        _applied = new Applied(policy, tag);
        Log.PolicyApplied(_logger, tag);
        PolicyChanged?.Invoke(this, policy);
    }

    /// <summary>Answers recalls, if that was not done under this policy.</summary>
    /// <returns>Why it could not be done: results are sent all the same.</returns>
    private async Task<ExceptionDispatchInfo?> AnswerRecallsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AnswerRecallsCoreAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // It is thrown again when results are sent.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }

    private async Task AnswerRecallsCoreAsync(CancellationToken cancellationToken)
    {
        Applied applied = _applied;
        if (_witness is null || applied.Tag is not { Length: > 0 } tag || tag == _answeredTag)
        {
            return;
        }

        if (applied.Policy.Scan.VirtualImages.RecalledContents is { Count: > 0 } recalled)
        {
            IReadOnlyList<RelianceDocument> relied = await _witness.FindAsync(recalled, cancellationToken).ConfigureAwait(false);

            // Half of what is allowed: texts that have to be escaped grow.
            foreach (RelianceDocument[] piece in relied.Count == 0 ? [[]] : relied.Chunk(WireLimits.MaxReliances / 2))
            {
                RecallAnswer answer = new() { PolicyTag = tag, Relied = piece };
                await AskAsync(
                    async authorization =>
                    {
                        await _api.AnswerRecallsAsync(authorization, answer, cancellationToken).ConfigureAwait(false);
                        return true;
                    },
                    cancellationToken).ConfigureAwait(false);
            }
        }

        _answeredTag = tag;
    }

    private async Task SendResultsAsync(CancellationToken cancellationToken)
    {
        while (Spool.TryPeek(out ResultBatch? batch, out long ticket))
        {
            try
            {
                ResultReceipt receipt = await ReportAsync(batch!, cancellationToken).ConfigureAwait(false);
                if (receipt.Id != batch!.Id)
                {
                    throw new ManagementClientException(ManagementClientFault.Away, "The manager answered for another batch.");
                }

                Spool.Remove(ticket);
            }
            catch (ManagementClientException e) when (e.Fault == ManagementClientFault.Refused)
            {
                Log.BatchRefused(_logger, e.Message);
                Spool.SetAside(ticket);
            }
        }
    }

    private async Task<ResultReceipt> ReportAsync(ResultBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(authorization => _api.ReportAsync(authorization, batch, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (TooOldException e)
        {
            // The clock was wrong when it was made, or it has waited for more than a year: what was found counts from now on.
            ResultBatch dated = batch with { Created = e.Now };
            try
            {
                return await AskAsync(authorization => _api.ReportAsync(authorization, dated, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            catch (TooOldException again)
            {
                throw new ManagementClientException(ManagementClientFault.Refused, again.Message, again);
            }
        }
    }

    private Task<T> AskAsync<T>(Func<string, Task<T>> ask, CancellationToken cancellationToken)
    {
        string authorization = _kept?.Authorization ?? throw new ManagementClientException(ManagementClientFault.Unknown, "The machine has not enrolled.");
        return TranslateAsync(() => ask(authorization), cancellationToken);
    }

    private static async Task<T> TranslateAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            ProblemDocument? problem = Problem(e.Content);
            throw problem switch
            {
                { Type: Routes.ReplayProblem, Sequence: { } last } => new ReplayException(last),
                { Type: Routes.TooOldProblem } when e.Headers.Date is { } now => new TooOldException(problem.Detail ?? e.Message, now),

                // Only the manager itself knows whom it knows; a proxy does not.
                null when e.StatusCode == HttpStatusCode.Unauthorized => new ManagementClientException(ManagementClientFault.Away, e.Message, e),
                _ => Fault(e.StatusCode, problem?.Detail ?? e.Message, e),
            };
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or IOException or JsonException or ApiRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ManagementClientException(ManagementClientFault.Away, e.Message, e);
        }
    }

    /// <summary>Only what the manager says of the document itself is for good. Anything else may come from a proxy, or from a manager that is ill.</summary>
    private static ManagementClientException Fault(HttpStatusCode status, string detail, Exception? inner) => new(
        status switch
        {
            HttpStatusCode.Unauthorized => ManagementClientFault.Unknown,
            HttpStatusCode.BadRequest or HttpStatusCode.Gone or HttpStatusCode.RequestEntityTooLarge => ManagementClientFault.Refused,
            _ => ManagementClientFault.Away,
        },
        detail,
        inner);

    private static ProblemDocument? Problem(string? content)
    {
        try
        {
            return content is { Length: > 0 } ? JsonSerializer.Deserialize(content, ManagementJson.Default.ProblemDocument) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Require(Action validate)
    {
        try
        {
            validate();
        }
        catch (JsonException e)
        {
            throw new ManagementClientException(ManagementClientFault.Away, e.Message, e);
        }
    }

    private static bool Same(IReadOnlyDictionary<string, string>? told, IReadOnlyDictionary<string, string> now)
        => told is not null && told.Count == now.Count && now.All(pair => told.TryGetValue(pair.Key, out string? value) && value == pair.Value);

    private sealed record Applied(PolicyDocument Policy, string? Tag);

    private sealed class ReplayException(long last) : Exception("The manager has taken a later heartbeat.")
    {
        public long Last { get; } = last;
    }

    private sealed class TooOldException(string message, DateTimeOffset now) : Exception(message)
    {
        /// <summary>Gets what the manager's clock says.</summary>
        public DateTimeOffset Now { get; } = now;
    }
}
