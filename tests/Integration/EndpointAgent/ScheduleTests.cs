using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>When an agent scans by itself, under a clock that is moved.</summary>
public sealed class ScheduleTests : IDisposable
{
    private static readonly DateTime Noon = new(2027, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();
    private readonly FakedClock _clock;

    public ScheduleTests()
    {
        _clock = new FakedClock(_folder);
        Directory.CreateDirectory(_folder["home"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("at noon, to the minute", 0)]
    [InlineData("within a minute from noon on", 1)]
    public async Task A_scan_begins_in_its_window(string when, int windowMinutes)
    {
        Assert.NotEmpty(when);
        _clock.Set(Noon.AddSeconds(-3));
        await using AgentProgram agent = await StartAsync(windowMinutes, catchUp: false);

        await agent.Process.WaitForAsync("Scan (Scheduled) of daily");
    }

    [Fact]
    public async Task A_clock_that_was_years_ahead_holds_up_no_scan()
    {
        _clock.Set(Noon.AddYears(4));
        await using AgentProgram agent = await StartAsync(windowMinutes: 0, catchUp: false);
        await agent.Process.WaitForAsync("Next start of schedule daily");

        // Noticed within a minute, or when the policy is looked at again.
        _clock.Set(Noon.AddSeconds(-15));
        WritePolicy(windowMinutes: 0, catchUp: false, name: "looked at again");

        await agent.Process.WaitForAsync("Scan (Scheduled) of daily");
    }

    [Fact]
    public async Task A_scan_that_was_missed_while_the_machine_was_off_is_made_up_for_where_the_schedule_says_so()
    {
        _clock.Set(Noon.AddHours(-1));
        await using (AgentProgram before = await StartAsync(windowMinutes: 0, catchUp: true))
        {
            await before.Process.WaitForAsync("Next start of schedule daily");
        }

        _clock.Set(Noon.AddHours(1));
        await using AgentProgram agent = await StartAsync(windowMinutes: 0, catchUp: true);

        await agent.Process.WaitForAsync("Scan (Scheduled) of daily");
    }

    private Task<AgentProgram> StartAsync(int windowMinutes, bool catchUp)
        => AgentProgram.StartAsync(_folder["data"], [WritePolicy(windowMinutes, catchUp, "first"), $"Roots:0={_folder["home"]}"], _clock.Environment);

    private string WritePolicy(int windowMinutes, bool catchUp, string name) => AgentProgram.Policy(
        _folder,
        $$"""{"name":"{{name}}","schedules":[{"name":"daily","from":"12:00:00","windowMinutes":{{windowMinutes}},"catchUp":{{(catchUp ? "true" : "false")}}}]}""");
}
