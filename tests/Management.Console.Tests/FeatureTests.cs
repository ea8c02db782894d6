using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Symantec.Virtualization.Management.Server;

namespace Symantec.Virtualization.Management.Console.Tests;

/// <summary>Each sentence of the original's features that concerns the manager: it can be clicked in the console, and scripted over the API that the OpenAPI document describes.</summary>
public sealed class FeatureTests(ConsoleHost host)
{
    /// <summary>The sentence; the page, and what is clicked or read there; the route of the API, and the member that answers.</summary>
    public static TheoryData<string, string, string, string, string> Features => new()
    {
        { "Auto-Protect skips the files of a marked image, if the policy says so", "/console/groups/1", "label=Auto-Protect skips them", "/api/v1/groups/{id}/policy", "policy.scan.virtualImages.autoProtect" },
        { "Administrator-defined scans skip them, if the policy says so", "/console/groups/1", "label=Manual, scheduled and administrator-defined scans skip them", "/api/v1/groups/{id}/policy", "policy.scan.virtualImages.onDemand" },
        { "A seal can be refused for its age", "/console/groups/1", "label=A seal counts for … days", "/api/v1/groups/{id}/policy", "policy.scan.virtualImages.check" },
        { "Scans ask a Shared Insight Cache, if the policy says so", "/console/groups/1", "label=Scans ask the cache", "/api/v1/groups/{id}/policy", "policy.scan.insightCache.enabled" },
        { "The policy names the cache's host and port, and whether it speaks HTTPS", "/console/groups/1", "label=Address", "/api/v1/groups/{id}/policy", "policy.scan.insightCache.address" },
        { "The policy names the user and the credential that clients present", "/console/groups/1", "label=Name that clients present", "/api/v1/groups/{id}/policy", "policy.scan.insightCache" },
        { "Scheduled scans start at random within a window", "/console/groups/1", "label=Begins within … minutes", "/api/v1/groups/{id}/policy", "policy.schedules" },
        { "The policy's history tells who changed it", "/console/groups/1", "text=the company's ground rules", "/api/v1/groups/{id}/policy/history", "0.comment" },
        { "The cache's items and hits are shown", "/console/", "text=Contents in the cache", "/api/v1/reports/overview", "clients" },
        { "A client's properties show the hypervisor it runs under", "/console/clients/{desk}", "text=VMware vSphere", "/api/v1/clients/{id}", "summary.product" },
        { "A client's properties show whether it is virtual at all", "/console/clients/{desk}", "text=virtual", "/api/v1/clients/{id}", "summary.machine" },
        { "A client's properties show the evidence for it", "/console/clients/{desk}", "text=VMwareVMware", "/api/v1/clients/{id}", "tag.tag.evidence" },
        { "A client's properties show whether it keeps its disk over a restart", "/console/clients/{desk}", "text=Keeps changes over a restart", "/api/v1/clients/{id}", "summary.persistent" },
        { "Clients are searched by hypervisor", "/console/clients?q=hypervisor:hyperv", "text=hv-1", "/api/v1/clients", "clients.0.name" },
        { "Reports count clients by hypervisor", "/console/", "region=By hypervisor", "/api/v1/clients/facets", "0.values.0.count" },
        { "The clients of a hypervisor are exported", "/console/clients?q=hypervisor:hyperv", "link=CSV", "/api/v1/clients/export.json", "0.name" },
        { "The clients of a hypervisor are moved into another group", "/console/clients/{desk}", "button=Move", "/api/v1/groups", "0.path" },
        { "Clients that left are forgotten on a schedule of their own", "/console/tokens", "label=Its clients are forgotten after … silent hours", "/api/v1/tokens", "0.lifetimeSeconds" },
        { "What was found is reported", "/console/detections", "text=" + Fleet.HostileThreat, "/api/v1/detections", "0.threat" },
        { "What scans came to is reported", "/console/clients/{desk}", "region=Scans", "/api/v1/scans", "0.scan.contents" },
        { "What was not scanned is reported by exemption, image, client and day", "/console/reports", "text=By base image", "/api/v1/reports/savings", "0.bytes" },
        { "What turned out bad is recalled", "/console/recalls", "label=SHA-256 of the content", "/api/v1/recalls", "" },
    };

    [Theory]
    [MemberData(nameof(Features))]
    public async Task A_feature_is_clickable_and_scriptable(string sentence, string page, string shown, string route, string member)
    {
        IPage browser = await host.OpenAsAsync("olga", script: false);
        await browser.GotoAsync(page.Replace("{desk}", host.Fleet["desk-04"].ToString("D"), StringComparison.Ordinal));
        ILocator found = Locate(browser, shown);
        Assert.True(await found.CountAsync() > 0, $"{sentence}: {page} shows no {shown}\n{await browser.Locator("main").InnerTextAsync()}");
        await browser.Context.CloseAsync();

        string key = (await host.Get<ApiKeys>().AddAsync(1, "features", AdministratorRole.Administer, 1, Actor.Manager, TestContext.Current.CancellationToken)).Key;
        JsonElement description = await GetAsync("/api/v1/openapi/management.json", key);
        Assert.Contains(description.GetProperty("paths").EnumerateObject(), path => path.Name == route && path.Value.TryGetProperty("get", out _));
        JsonElement answer = await GetAsync(route.Replace("{id}", route.Contains("groups", StringComparison.Ordinal) ? "1" : host.Fleet["desk-04"].ToString("D"), StringComparison.Ordinal) + QueryOf(route), key);
        Assert.True(Has(answer, member), $"{sentence}: {route} has no {member}: {answer}");
    }

    private static string QueryOf(string route) => route switch
    {
        "/api/v1/clients" or "/api/v1/clients/export.json" => "?q=hypervisor:hyperv",
        "/api/v1/clients/facets" => "?axes=product",
        "/api/v1/reports/savings" => "?from=2026-11-01&to=2026-11-30&by=image",
        _ => "",
    };

    private static ILocator Locate(IPage page, string shown)
    {
        (string kind, string name) = (shown[..shown.IndexOf('=', StringComparison.Ordinal)], shown[(shown.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        return kind switch
        {
            "label" => page.GetByLabel(name),
            "region" => page.GetByRole(AriaRole.Region, new() { Name = name }),
            "link" => page.GetByRole(AriaRole.Link, new() { Name = name }),
            "button" => page.GetByRole(AriaRole.Button, new() { Name = name }),
            _ => page.Locator("main").GetByText(name),
        };
    }

    /// <summary>Walks down a document: members by their names, elements by their numbers.</summary>
    private static bool Has(JsonElement at, string member)
    {
        foreach (string step in member.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isThere = at.ValueKind switch
            {
                JsonValueKind.Object => at.TryGetProperty(step, out at),
                JsonValueKind.Array => int.Parse(step, null) < at.GetArrayLength(),
                _ => false,
            };
            if (!isThere)
            {
                return false;
            }

            at = at.ValueKind == JsonValueKind.Array && int.TryParse(step, out int number) ? at[number] : at;
        }

        return true;
    }

    private async Task<JsonElement> GetAsync(string address, string key)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.Add(ManagementAccess.ApiKeyHeader, key);
        using HttpResponseMessage answer = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{address}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
