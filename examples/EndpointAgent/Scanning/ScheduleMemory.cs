using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Up to when each schedule was seen to, and by which identifier an unmanaged machine has moments of its own: in a file, so that a restart neither repeats nor drops a scan.</summary>
internal sealed class ScheduleMemory
{
    private const int MaxLength = 1 << 20;

    private readonly string _path;
    private readonly Kept _kept;

    public ScheduleMemory(AgentOptions options)
    {
        _path = Path.Combine(options.Data, "schedules.json");
        _kept = Read(_path) ?? new Kept { Machine = Guid.NewGuid() };
        Save();
    }

    /// <summary>Gets the machine's own identifier.</summary>
    public Guid Machine => _kept.Machine;

    public DateTimeOffset? SeenToUntil(string schedule) => _kept.SeenTo.TryGetValue(schedule, out DateTimeOffset time) ? time : null;

    /// <summary>Keeps up to when schedules were seen to, and forgets those that there are not any more.</summary>
    public void Keep(IReadOnlyDictionary<string, DateTimeOffset> seenTo)
    {
        _kept.SeenTo.Clear();
        foreach ((string schedule, DateTimeOffset time) in seenTo)
        {
            _kept.SeenTo[schedule] = time;
        }

        Save();
    }

    private static Kept? Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxLength } ? JsonSerializer.Deserialize(File.ReadAllBytes(path), KeptJson.Default.Kept) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Without it nothing is made up for.
            return null;
        }
    }

    private void Save()
    {
        try
        {
            File.WriteAllBytes(_path + ".partial", JsonSerializer.SerializeToUtf8Bytes(_kept, KeptJson.Default.Kept));
            File.Move(_path + ".partial", _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is full, or read only: it holds until the agent ends.
        }
    }

    internal sealed record Kept
    {
        public required Guid Machine { get; init; }

        public Dictionary<string, DateTimeOffset> SeenTo { get; init; } = [];
    }
}

[JsonSerializable(typeof(ScheduleMemory.Kept))]
internal sealed partial class KeptJson : JsonSerializerContext;
