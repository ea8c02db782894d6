using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Symantec.Virtualization.Management.Console.Tests;

/// <summary>What holds for every page.</summary>
public sealed class PageTests(ConsoleHost host)
{
    /// <summary>The folder into which screenshots are written for whoever wants to look, if this variable names one.</summary>
    private const string ScreenshotFolder = "CONSOLE_SCREENSHOTS";

    public static TheoryData<string, string> Pages => new()
    {
        { "sign-in", "/console/sign-in" },
        { "overview", "/console/" },
        { "clients", "/console/clients" },
        { "clients-refined", "/console/clients?q=hypervisor:vmware%20role:guest&order=last-seen" },
        { "clients-wrong", "/console/clients?q=hypervisor:vmware%20rolle:guest" },
        { "client", "/console/clients/{desk-04}" },
        { "client-odd", "/console/clients/{odd-1}" },
        { "client-clone", "/console/clients/{desk-01-clone}" },
        { "groups", "/console/groups" },
        { "policy", "/console/groups/1" },
        { "policy-inherited", "/console/groups/{VDI}" },
        { "detections", "/console/detections" },
        { "reports", "/console/reports" },
        { "recalls", "/console/recalls?hash={bad}" },
        { "tokens", "/console/tokens" },
        { "accounts", "/console/accounts" },
        { "keys", "/console/keys" },
        { "audit", "/console/audit" },
        { "password", "/console/password" },
        { "not-found", "/console/nowhere" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_has_no_accessibility_violation_in_light_and_dark(string name, string address)
    {
        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (int width in scheme == ColorScheme.Light ? (int[])[1280, 400] : [1280])
            {
                IPage page = await OpenAsync(name, width, scheme, bypassPolicy: true);
                await page.GotoAsync(Resolve(address));
                if (Environment.GetEnvironmentVariable(ScreenshotFolder) is { Length: > 0 } folder)
                {
                    await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{scheme}.png"), FullPage = true });
                }

                AxeResult result = await page.RunAxe();

                Assert.True(result.Violations.Length == 0, $"{name}, {scheme}, {width}:\n" + string.Join('\n', result.Violations.Select(static violation =>
                    $"{violation.Id}: {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Take(5).Select(static node => node.Html + " " + string.Join("; ", node.Any.Concat(node.All).Select(static check => check.Message))))}")));
                Assert.NotEmpty(result.Passes);
                await page.Context.CloseAsync();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_keeps_to_its_content_policy_and_its_width_and_needs_no_script(string name, string address)
    {
        IPage page = await OpenAsync(name, 400, ColorScheme.Light, bypassPolicy: false);
        List<string> said = [];
        page.Console += (_, message) => said.Add(message.Text);
        page.Dialog += (_, dialog) => said.Add("dialog: " + dialog.Message);

        IResponse answer = (await page.GotoAsync(Resolve(address)))!;
        Dictionary<string, string> headers = await answer.AllHeadersAsync();

        Assert.Contains("default-src 'none'", headers["content-security-policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", headers["content-security-policy"], StringComparison.Ordinal);
        Assert.Contains("no-store", headers["cache-control"], StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator("script, [style], style, [onclick], [onload], [onerror]").CountAsync());
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        Assert.EndsWith(" · Manager", await page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(400, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.DoesNotContain(said, static text => text.Contains("Content Security Policy", StringComparison.Ordinal) || text.StartsWith("dialog", StringComparison.Ordinal));
        await page.Context.CloseAsync();
    }

    private Task<IPage> OpenAsync(string name, int width, ColorScheme scheme, bool bypassPolicy)
        => name == "sign-in" ? host.OpenAsync(width: width, scheme: scheme, bypassPolicy: bypassPolicy) : host.OpenAsAsync("admin", width: width, scheme: scheme, bypassPolicy: bypassPolicy);

    private string Resolve(string address)
    {
        foreach (string client in (string[])["desk-04", "odd-1", "desk-01-clone"])
        {
            address = address.Replace($"{{{client}}}", host.Fleet[client].ToString("D"), StringComparison.Ordinal);
        }

        return address.Replace("{VDI}", host.Fleet.Desktops.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{bad}", Fleet.Bad.ToString(), StringComparison.Ordinal);
    }
}
