using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>The query language, on both engines, and what leaves the manager as a file.</summary>
public class SearchTests
{
    public static TheoryData<DatabaseKind> Databases => LiveManager.Databases;

    private static readonly Dictionary<string, string[]> Expected = new()
    {
        [""] = ["bare-01", "odd-01", "vdi-01", "vdi-02", "web-01", "web_02"],
        ["hypervisor:vmware"] = ["vdi-01", "vdi-02"],
        ["hypervisor:kvm"] = ["web-01", "web_02"],
        ["family:kvm product:aws-nitro"] = ["web-01", "web_02"],
        ["hypervisor:VMware role:guest broker:horizon"] = ["vdi-01"],
        ["broker:horizon,citrix"] = ["vdi-01", "vdi-02"],
        ["broker:none machine:virtual"] = ["web-01", "web_02"],
        ["-broker:none"] = ["vdi-01", "vdi-02"],
        ["persistent:no"] = ["vdi-01"],
        ["cloud:aws instance:c5.*"] = ["web-01", "web_02"],
        ["orchestrator:kubernetes -name:web-01"] = ["web_02"],
        ["machine:physical"] = ["bare-01"],
        ["machine:unknown contradictory:yes"] = ["odd-01"],
        ["name:web*"] = ["web-01", "web_02"],
        ["name:WEB-01"] = ["web-01"],
        ["name:web_*"] = ["web_02"],
        ["name:\"web*\""] = [],
        ["name:*0_"] = [],
        ["name:%"] = [],
        ["group:VDI"] = ["vdi-01", "vdi-02"],
        ["group:\"/VDI/Floor 1\""] = ["vdi-02"],
        ["group:f*"] = ["vdi-02"],
        ["-group:\"VDI\" machine:virtual"] = ["web-01", "web_02"],
        ["detections:>0"] = ["web-01"],
        ["detections:0 cloud:aws"] = ["web_02"],
        ["detections:>=2"] = [],
        ["lastseen:<7d"] = ["odd-01", "vdi-01", "vdi-02", "web-01", "web_02"],
        ["lastseen:>7d"] = ["bare-01"],
        ["lastseen:2026-11-26"] = ["bare-01"],
        ["lastseen:>2026-11-26"] = ["odd-01", "vdi-01", "vdi-02", "web-01", "web_02"],
        ["lastdetection:<1d"] = ["web-01"],
        ["vsphere horizon"] = ["vdi-01"],
        ["c5.large"] = ["web-01", "web_02"],
        ["vdi-0"] = ["vdi-01", "vdi-02"],
        ["kvm docker -web_02"] = ["web-01"],
        ["property.os:windows*"] = ["vdi-01"],
        ["-property.os:windows* broker:horizon,citrix"] = ["vdi-02"],
        ["image:win11-*"] = ["vdi-01"],
        ["image:none cloud:aws"] = ["web-01", "web_02"],
        ["seal:0b0e4c6a-5b1e-4d6b-9d1f-3a3f8f1f2a11"] = ["vdi-01"],
        ["standing:normal machine:virtual,physical name:*-01"] = ["bare-01", "vdi-01", "web-01"],
        ["state:scanning"] = ["vdi-01"],
        ["generation-id:yes"] = ["web-01", "web_02"],
        ["definitions:27* published:<1d"] = ["vdi-01"],
        ["name:\"x' OR 1=1 --\""] = [],
        ["\"'; DROP TABLE Clients; --\""] = [],
    };

    public static TheoryData<string, int, string> Wrong => new()
    {
        { "name:", 6, "a value is needed for name" },
        { "name:web \"open", 10, "not closed" },
        { "colour:red", 1, "there is no field of this name" },
        { "hypervisor:vmware role:>guest", 19, "role is not compared" },
        { "detections:>many", 13, "compared with a number" },
        { "lastseen:7d", 10, "compared with < or >" },
        { "lastseen:<soon", 11, "an age as 30m, 12h, 7d or 4w" },
        { "contradictory:perhaps", 15, "yes or no" },
        { "standing:odd", 10, "normal, clone, superseded" },
        { "detections:>1,2", 15, "a comparison has one value" },
        { "x/y:z", 4, "quotation marks" },
        { ":x", 1, "a field is needed" },
        { "\"\"", 1, "something is needed" },
        { "name:\"a\"b", 9, "a space is needed" },
        { "a:b:\"", 5, "at the beginning of a value" },
    };

    [Theory, MemberData(nameof(Databases))]
    public async Task A_query_finds_the_clients_that_it_means(DatabaseKind kind)
    {
        await using LiveManager manager = await FleetAsync(kind);
        ClientSearch search = manager.Get<ClientSearch>();
        Dictionary<string, string> wrong = [];
        foreach ((string query, string[] expected) in Expected)
        {
            ClientPage page = await search.FindAsync(query, cancellationToken: LiveManager.Stop);
            Assert.Equal(page.Total, page.Clients.Count);
            string names = string.Join(' ', page.Clients.Select(static client => client.Name));
            if (names != string.Join(' ', expected))
            {
                wrong.Add(query, names);
            }
        }

        Assert.Empty(wrong);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Axes_are_counted_and_pages_turn(DatabaseKind kind)
    {
        await using LiveManager manager = await FleetAsync(kind);
        ClientSearch search = manager.Get<ClientSearch>();

        IReadOnlyList<Facet> all = await search.CountAsync(null, cancellationToken: LiveManager.Stop);
        Facet brokers = Assert.Single(await search.CountAsync("hypervisor:vmware", ["broker"], LiveManager.Stop));
        ClientPage second = await search.FindAsync("", skip: 2, take: 2, cancellationToken: LiveManager.Stop);
        ClientPage infected = await search.FindAsync("", take: 1, order: ClientOrder.Detections, cancellationToken: LiveManager.Stop);

        Assert.Equal(ClientSearch.FacetAxes, all.Select(static facet => facet.Axis));
        Assert.Equal([new NameCount("virtual", 4), new NameCount("physical", 1), new NameCount("unknown", 1)], all[0].Values);
        Assert.Equal([new NameCount("citrix", 1), new NameCount("horizon", 1)], brokers.Values);
        Assert.Equal((6, 2, "vdi-01 vdi-02"), (second.Total, second.Skipped, string.Join(' ', second.Clients.Select(static client => client.Name))));
        Assert.Equal("web-01", Assert.Single(infected.Clients).Name);
    }

    [Fact]
    public async Task An_axis_that_there_is_not_is_refused_with_those_that_there_are()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);

        ManagementException fault = await Assert.ThrowsAsync<ManagementException>(() => manager.Get<ClientSearch>().CountAsync(null, ["product", "hypervisor"], LiveManager.Stop));

        Assert.Equal(ManagementFault.Invalid, fault.Fault);
        Assert.Contains("machine, family, product, role", fault.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Wrong))]
    public async Task What_is_wrong_with_a_query_is_said_with_its_place(string query, int position, string detail)
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);

        SearchQueryException fault = await Assert.ThrowsAsync<SearchQueryException>(() => manager.Get<ClientSearch>().FindAsync(query, cancellationToken: LiveManager.Stop));

        Assert.Equal((position, true), (fault.Position, fault.Message.Contains(detail, StringComparison.Ordinal)));
        using HttpClient script = await manager.ScriptAsync(AdministratorRole.View);
        using HttpResponseMessage response = await script.GetAsync($"/api/v1/clients?q={Uri.EscapeDataString(query)}", LiveManager.Stop);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Every_example_of_the_help_runs(DatabaseKind kind)
    {
        await using LiveManager manager = await FleetAsync(kind);

        foreach (SearchFieldHelp field in ClientSearch.Fields)
        {
            await manager.Get<ClientSearch>().FindAsync(field.Example, cancellationToken: LiveManager.Stop);
        }
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task What_strangers_write_is_text_and_nothing_else(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        string[] texts = ["'; DROP TABLE \"Clients\"; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "%_\\%", "\u202Egpj.exe", "a\"b,c", "\\u0000x"];
        foreach ((string text, int i) in texts.Select(static (text, i) => (text, i)))
        {
            await manager.EnrolAsync(text, $"hardware-{i:d4}", tag: Machines.Hostile(text.Length > 120 ? text[..120] : text));
        }

        using HttpClient script = await manager.ScriptAsync(AdministratorRole.View);
        string json = await script.GetStringAsync(new Uri("/api/v1/clients/export.json", UriKind.Relative), LiveManager.Stop);
        string csv = await script.GetStringAsync(new Uri("/api/v1/clients/export.csv", UriKind.Relative), LiveManager.Stop);

        Assert.DoesNotContain("<script", json, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(texts.Length, JsonDocument.Parse(json).RootElement.GetArrayLength());
        Assert.DoesNotContain("\u202E", json + csv, StringComparison.Ordinal);
        List<string[]> rows = ReadCsv(csv);
        Assert.Equal(texts.Length + 1, rows.Count);
        Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
        Assert.All(rows.SelectMany(static row => row), static cell => Assert.True(cell.Length == 0 || !"=+-@\t\r".Contains(cell[0], StringComparison.Ordinal), cell));
        Assert.Contains(rows, static row => row[1] == "'=cmd|' /C calc'!A0");
        foreach (string text in texts.Where(static text => text[0] != '\u202E' && text[0] != '\\'))
        {
            string quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            ClientPage page = await manager.Get<ClientSearch>().FindAsync($"name:\"{quoted}\" \"{quoted}\" family:\"{quoted}\"", cancellationToken: LiveManager.Stop);
            Assert.Equal(text, Assert.Single(page.Clients).Name);
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData(" =1", "\"' =1\"")]
    [InlineData("\uFF1D1", "\"'\uFF1D1\"")]
    [InlineData("x;=1+1;y", "\"x;'=1+1;y\"")]
    [InlineData("x; \t@SUM(A1)", "\"x; \t'@SUM(A1)\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    public void A_cell_is_no_formula(string text, string cell) => Assert.Equal(cell, ClientExport.Cell(text));

    /// <summary>Six machines; one of them was heard of long ago.</summary>
    private static async Task<LiveManager> FleetAsync(DatabaseKind kind)
    {
        LiveManager manager = await LiveManager.StartAsync(kind);
        GroupTree groups = manager.Get<GroupTree>();
        ClientGroup vdi = await groups.AddAsync(GroupTree.RootId, "VDI", LiveManager.Tester, LiveManager.Stop);
        ClientGroup floor = await groups.AddAsync(vdi.Id, "Floor 1", LiveManager.Tester, LiveManager.Stop);
        await manager.EnrolAsync("bare-01", "hardware-0001", tag: Machines.Physical());
        manager.Time.Advance(TimeSpan.FromDays(10));
        Agent first = await manager.EnrolAsync("vdi-01", "hardware-0002", tag: Machines.Vmware("horizon", persistent: false), groupId: vdi.Id);
        await manager.EnrolAsync("vdi-02", "hardware-0003", tag: Machines.Vmware("citrix", persistent: true), groupId: floor.Id);
        Agent infected = await manager.EnrolAsync("web-01", "hardware-0004", tag: Machines.Aws());
        await manager.EnrolAsync("web_02", "hardware-0005", tag: Machines.Aws());
        await manager.EnrolAsync("odd-01", "hardware-0006", tag: Machines.Contradictory());
        await first.BeatAsync(first.Next() with
        {
            State = AgentState.Scanning,
            Properties = new Dictionary<string, string> { ["os"] = "Windows 11" },
            Images = [new ImageInUse(Guid.Parse("0b0e4c6a-5b1e-4d6b-9d1f-3a3f8f1f2a11"), "Win11-2026")],
            Definitions = new DefinitionsDocument { Engine = "clamav", Version = "27100", Published = manager.Time.GetUtcNow().AddHours(-2) },
        });
        await infected.ReportAsync(new ResultBatch
        {
            Id = Guid.NewGuid(),
            Created = manager.Time.GetUtcNow(),
            Detections = [new DetectionDocument { Time = manager.Time.GetUtcNow(), Threat = "Eicar", Location = "/tmp/eicar.com" }],
        });
        return manager;
    }

    private static List<string[]> ReadCsv(string text)
    {
        List<string[]> rows = [];
        List<string> row = [];
        StringBuilder cell = new();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append('"');
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && c is ',' or '\n' && !quoted)
            {
                row.Add(cell.ToString().TrimEnd('\r'));
                cell.Clear();
                if (c == '\n')
                {
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
            else
            {
                cell.Append(c);
            }
        }

        return rows;
    }
}
