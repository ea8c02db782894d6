using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Symantec.Virtualization.Management.Server;

namespace Symantec.Virtualization.Management.Console.Tests;

/// <summary>What strangers, clients and administrators with a lesser role try.</summary>
public sealed partial class AttackTests(ConsoleHost host)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_client_calls_itself_is_text_on_every_page_that_shows_it()
    {
        IPage page = await host.OpenAsAsync("admin");
        bool spoke = false;
        page.Dialog += (_, _) => spoke = true;
        foreach (string address in (string[])["/console/", "/console/clients", $"/console/clients/{host.Fleet[Fleet.HostileName]:D}", "/console/detections", $"/console/reports?client={host.Fleet[Fleet.HostileName]:D}", "/console/audit?actor=token%203"])
        {
            await page.GotoAsync(address);
            Assert.Equal(0, await page.Locator("main script, main img, main u, main i, main b, main a[href^='javascript'], main svg[onload], [onmouseover]").CountAsync());
            string text = await page.Locator("main").InnerTextAsync();
            Assert.DoesNotContain('\u202E', text);
            Assert.DoesNotContain('\u001b', text);
            Assert.Contains(address == "/console/detections" ? Fleet.HostileThreat : "<img src=x onerror=alert(1)>\"'&\\u{", text, StringComparison.Ordinal);
        }

        await page.GotoAsync($"/console/clients/{host.Fleet[Fleet.HostileName]:D}");
        Assert.Contains("\\u{001B}[31m<u>red</u>", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        Assert.False(spoke);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_query_with_markup_comes_back_as_text()
    {
        IPage page = await host.OpenAsAsync("vera");
        const string Query = "\"><script>alert(1)</script>";
        await page.GotoAsync("/console/clients?q=" + Uri.EscapeDataString(Query) + "&done=%3Cb%3E&order=%22");

        Assert.Equal(0, await page.Locator("script").CountAsync());
        Assert.Equal(Query, await page.GetByLabel("Search clients").InputValueAsync());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_form_without_the_tokens_of_its_page_changes_nothing()
    {
        string olga = await host.CookiesAsync("olga");
        string vera = await host.CookiesAsync("vera");
        string session = Assert.Single(olga.Split("; "), static cookie => cookie.StartsWith("management=", StringComparison.Ordinal));
        string others = await TokenOfAsync("/console/password", vera);

        HttpStatusCode[] answers =
        [
            await PostAsync("/console/groups", session, ("parentId", "1"), ("name", "forged")),
            await PostAsync("/console/groups", olga, ("parentId", "1"), ("name", "forged")),
            await PostAsync("/console/groups", olga, ("parentId", "1"), ("name", "forged"), ("__RequestVerificationToken", others)),
            await PostAsync("/console/groups", session, ("parentId", "1"), ("name", "forged"), ("__RequestVerificationToken", await TokenOfAsync("/console/groups", olga))),
        ];

        Assert.All(answers, static answer => Assert.Equal(HttpStatusCode.BadRequest, answer));
        Assert.DoesNotContain(await host.Get<GroupTree>().ListAsync(Token), static group => group.Name == "forged");
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync("/console/groups", olga, ("parentId", "1"), ("name", "own"), ("__RequestVerificationToken", await TokenOfAsync("/console/groups", olga))));
    }

    [Fact]
    public async Task A_session_that_somebody_put_into_the_browser_is_not_signed_in()
    {
        IPage page = await host.OpenAsync();
        string planted = new('a', 43);
        await page.Context.AddCookiesAsync([new() { Name = "management", Value = planted, Url = host.Address.ToString() }]);
        await page.GotoAsync("/console/sign-in");
        await ConsoleHost.SignInAsync(page, "vera");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Overview");

        string now = Assert.Single(await page.Context.CookiesAsync(), static cookie => cookie.Name == "management").Value;
        Assert.NotEqual(planted, now);
        using HttpResponseMessage answer = await GetAsync("/console/clients", $"management={planted}");
        Assert.Equal("/console/sign-in?return=%2Fconsole%2Fclients", answer.Headers.Location?.ToString());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_everybody_who_has_its_cookie()
    {
        IPage page = await host.OpenAsync();
        await page.GotoAsync("/console/sign-in");
        await ConsoleHost.SignInAsync(page, "vera");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Overview");
        string copied = "management=" + Assert.Single(await page.Context.CookiesAsync(), static cookie => cookie.Name == "management").Value;
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("You have signed out");

        using HttpResponseMessage answer = await GetAsync("/console/clients", copied);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/console/\\evil.example")]
    [InlineData("/console/../evil")]
    [InlineData("/console/%2e%2e/evil")]
    public async Task Signing_in_leads_nowhere_but_into_the_console(string target)
    {
        IPage page = await host.OpenAsync();
        await page.GotoAsync("/console/sign-in?return=" + Uri.EscapeDataString(target));
        await ConsoleHost.SignInAsync(page, "vera");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();

        Assert.StartsWith(new Uri(host.Address, "/console/").ToString(), page.Url, StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Whoever_may_only_look_is_offered_nothing_else_and_is_refused()
    {
        IPage page = await host.OpenAsAsync("vera");
        foreach (string address in (string[])["/console/clients", $"/console/clients/{host.Fleet["desk-02"]:D}", "/console/groups", "/console/groups/1", "/console/recalls?hash=" + Fleet.Bad])
        {
            await page.GotoAsync(address);
            Assert.Equal(0, await page.Locator("main form[method=post]").CountAsync());
        }

        string[] sections = [.. await page.GetByRole(AriaRole.Navigation, new() { Name = "Console" }).GetByRole(AriaRole.Link).AllTextContentsAsync()];
        Assert.Equal(["Overview", "Clients", "Groups and policies", "Detections", "Reports", "Recalls"], sections);
        foreach (string address in (string[])["/console/tokens", "/console/accounts", "/console/keys", "/console/audit"])
        {
            IResponse answer = (await page.GotoAsync(address))!;
            Assert.Equal(403, answer.Status);
        }

        string cookies = await host.CookiesAsync("vera");
        string token = await TokenOfAsync("/console/password", cookies);
        foreach (string address in (string[])["/console/groups", $"/console/clients/{host.Fleet["desk-02"]:D}/delete", "/console/groups/1/policy", "/console/recalls", "/console/tokens", "/console/accounts", "/console/keys"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(address, cookies, ("sure", "on"), ("__RequestVerificationToken", token)));
        }

        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Whoever_operates_does_not_administer()
    {
        string cookies = await host.CookiesAsync("olga");
        string token = await TokenOfAsync("/console/tokens", cookies);
        foreach (string address in (string[])["/console/accounts", "/console/accounts/1/reset-password", "/console/accounts/1/delete", "/console/keys"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(address, cookies, ("__RequestVerificationToken", token)));
        }
    }

    [Theory]
    [InlineData("/console/")]
    [InlineData("/console/reports")]
    [InlineData("/console/clients/{client}")]
    public async Task A_client_that_claims_an_eternity_breaks_no_page_and_makes_none_wider(string address)
    {
        await host.Fleet.ClaimEternityAsync("metal-1");
        IPage page = await host.OpenAsAsync("vera", width: 400);

        IResponse answer = (await page.GotoAsync(address.Replace("{client}", host.Fleet["metal-1"].ToString("D"), StringComparison.Ordinal)))!;

        Assert.Equal((int)HttpStatusCode.OK, answer.Status);
        Assert.Equal(400, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task An_api_key_opens_no_page()
    {
        string key = (await host.Get<ApiKeys>().AddAsync(1, "no browser", AdministratorRole.Administer, 1, Actor.Manager, Token)).Key;
        using HttpRequestMessage request = new(HttpMethod.Get, "/console/clients");
        request.Headers.Add(ManagementAccess.ApiKeyHeader, key);
        using HttpResponseMessage answer = await host.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    [Fact]
    public async Task A_form_that_is_too_long_is_refused()
    {
        string cookies = await host.CookiesAsync("olga");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync("/console/groups", cookies, ("name", new string('x', 100_000))));
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    private async Task<string> TokenOfAsync(string address, string cookies)
    {
        using HttpResponseMessage answer = await GetAsync(address, cookies);
        return FormToken().Match(await answer.Content.ReadAsStringAsync(Token)).Groups[1].Value;
    }

    private async Task<HttpResponseMessage> GetAsync(string address, string cookies)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.Add("Cookie", cookies);
        return await host.Http.SendAsync(request, Token);
    }

    private async Task<HttpStatusCode> PostAsync(string address, string cookies, params (string Name, string Value)[] form)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form.ToDictionary(static pair => pair.Name, static pair => pair.Value)) };
        request.Headers.Add("Cookie", cookies);
        using HttpResponseMessage answer = await host.Http.SendAsync(request, Token);
        return answer.StatusCode;
    }
}
