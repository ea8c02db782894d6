using Microsoft.Playwright;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Console.Tests;

/// <summary>What administrators do with the console, with and without JavaScript: its pages have none.</summary>
public sealed class FlowTests(ConsoleHost host)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_one_time_password_opens_nothing_until_another_one_is_chosen(bool script)
    {
        NewAdministrator added = await host.Get<Administrators>().AddAsync($"new-{script}", AdministratorRole.View, Actor.Manager, TestContext.Current.CancellationToken);
        IPage page = await host.OpenAsync(script);
        await page.GotoAsync("/console/clients");
        Assert.Contains("/console/sign-in", page.Url, StringComparison.Ordinal);

        await ConsoleHost.SignInAsync(page, added.Administrator.Name, "not the password");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The name or the password is wrong");
        await ConsoleHost.SignInAsync(page, added.Administrator.Name, added.OneTimePassword);
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Choose a password");
        await page.GotoAsync("/console/clients");
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Choose a password");

        await ChooseAsync("another password", "yet another password");
        await Assertions.Expect(page.GetByLabel("New password, once more")).ToHaveAccessibleDescriptionAsync("this is not the same as the new password.");
        await ChooseAsync("short", "short");
        await Assertions.Expect(page.GetByLabel("New password", new() { Exact = true })).ToHaveAttributeAsync("aria-invalid", "true");
        await ChooseAsync(ConsoleHost.Password, ConsoleHost.Password);
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Overview");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("You have signed out");
        await page.GotoAsync("/console/");
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Sign in");
        await page.Context.CloseAsync();

        async Task ChooseAsync(string next, string again)
        {
            await page.GetByLabel("Password until now").FillAsync(added.OneTimePassword);
            await page.GetByLabel("New password", new() { Exact = true }).FillAsync(next);
            await page.GetByLabel("New password, once more").FillAsync(again);
            await page.GetByRole(AriaRole.Button, new() { Name = "Change the password" }).ClickAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clients_are_searched_refined_sorted_and_paged(bool script)
    {
        IPage page = await host.OpenAsAsync("vera", script);
        await page.GotoAsync("/console/clients");
        await Assertions.Expect(Result(page)).ToContainTextAsync("37 clients");
        await page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await Assertions.Expect(Result(page)).ToContainTextAsync("26 to 37 shown");

        await SearchAsync("hypervisor:vmware role:guest lastseen:<7d desk");
        await Assertions.Expect(Result(page)).ToContainTextAsync("19 clients");
        await page.GetByRole(AriaRole.Region, new() { Name = "Desktop broker" }).GetByRole(AriaRole.Link, new() { Name = "citrix" }).ClickAsync();
        await Assertions.Expect(Result(page)).ToContainTextAsync("6 clients");
        await Assertions.Expect(page.GetByLabel("Search clients")).ToHaveValueAsync("hypervisor:vmware role:guest lastseen:<7d desk broker:citrix");
        await page.GetByRole(AriaRole.Link, new() { Name = "Search without hypervisor:vmware" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Search clients")).ToHaveValueAsync("role:guest lastseen:<7d desk broker:citrix");

        await page.GotoAsync("/console/clients");
        await page.GetByRole(AriaRole.Link, new() { Name = "Detections", Exact = true }).Last.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Detections" })).ToHaveAttributeAsync("aria-sort", "descending");

        await SearchAsync("lastseen:>1d");
        await Assertions.Expect(Result(page)).ToContainTextAsync("3 clients");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "CSV" })).ToHaveAttributeAsync("href", "/api/v1/clients/export.csv?q=lastseen%3A%3E1d");
        await page.Context.CloseAsync();

        async Task SearchAsync(string query)
        {
            await page.GetByLabel("Search clients").FillAsync(query);
            await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        }
    }

    [Fact]
    public async Task An_export_holds_what_the_query_finds()
    {
        IPage page = await host.OpenAsAsync("vera");
        IAPIResponse answer = await page.APIRequest.GetAsync("/api/v1/clients/export.csv?q=" + Uri.EscapeDataString("lastseen:>1d"));

        string[] lines = (await answer.TextAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.All(lines[1..], static line => Assert.Contains("stale-", line, StringComparison.Ordinal));
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData("hypervisor:vmware rolle:guest", "rolle:guest", "there is no field of this name")]
    [InlineData("detections:many", "many", "compared with a number")]
    [InlineData("name:\"web", "\"web", "the quotation mark is not closed")]
    public async Task A_query_that_is_not_understood_is_shown_with_the_place(string query, string place, string why)
    {
        IPage page = await host.OpenAsAsync("vera");
        IResponse answer = (await page.GotoAsync("/console/clients?q=" + Uri.EscapeDataString(query)))!;

        Assert.Equal(400, answer.Status);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(why);
        Assert.Contains(await page.Locator("mark").TextContentAsync() ?? "-", place, StringComparison.Ordinal);
        await Assertions.Expect(page.GetByLabel("Search clients")).ToHaveValueAsync(query);
        await Assertions.Expect(page.GetByLabel("Search clients")).ToHaveAttributeAsync("aria-invalid", "true");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_client_is_shown_with_the_evidence_for_and_against_its_tag()
    {
        IPage page = await host.OpenAsAsync("vera");
        await page.GotoAsync("/console/clients?q=contradictory:yes");
        await page.GetByRole(AriaRole.Link, new() { Name = "odd-1" }).ClickAsync();

        ILocator evidence = page.GetByRole(AriaRole.Region, new() { Name = "Evidence" });
        await Assertions.Expect(evidence.GetByRole(AriaRole.Row, new() { Name = "KVMKVMKVM" })).ToContainTextAsync("for");
        await Assertions.Expect(evidence.GetByRole(AriaRole.Row, new() { Name = "VMware, Inc." })).ToContainTextAsync("against");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("permission denied");

        await page.GotoAsync($"/console/clients/{host.Fleet["desk-01-clone"]:D}");
        await Assertions.Expect(page.Locator(".notice.warn")).ToContainTextAsync("one was cloned from the other");
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Clients with the same hardware identity" })).ToContainTextAsync("desk-01");
        await page.GotoAsync($"/console/clients/{host.Fleet["hv-3"]:D}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("impaired: the definitions cannot be loaded");
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_policy_is_edited_refused_with_the_member_set_and_rolled_back(bool script)
    {
        ClientGroup group = await host.Get<GroupTree>().AddAsync(GroupTree.RootId, $"Policy {script}", Actor.Manager, TestContext.Current.CancellationToken);
        IPage page = await host.OpenAsAsync("olga", script);
        await page.GotoAsync("/console/groups");
        await page.GetByRole(AriaRole.Link, new() { Name = group.Name, Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("The group follows the policy of /.");

        await page.GetByLabel("Auto-Protect skips them").CheckAsync();
        await page.GetByLabel("Address").FillAsync("cache.local");
        await page.GetByLabel("A seal counts for … days").FillAsync("0");
        await SetAsync("first");
        await Assertions.Expect(page.GetByLabel("Address")).ToHaveAccessibleDescriptionAsync("an absolute http or https address is needed. As http://cache:9005 or https://cache:9005");
        await Assertions.Expect(page.GetByLabel("Auto-Protect skips them")).ToBeCheckedAsync();
        await page.GetByLabel("Address").FillAsync("https://cache.local:9005");
        await SetAsync("first");
        await Assertions.Expect(page.GetByLabel("A seal counts for … days")).ToHaveAttributeAsync("aria-invalid", "true");
        await page.GetByLabel("A seal counts for … days").FillAsync("30");
        await page.Locator("details.schedule > summary").ClickAsync();
        await page.GetByLabel("Name of the schedule").FillAsync("nightly");
        await page.GetByLabel("Monday").CheckAsync();
        await SetAsync("seals for everybody");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The policy was set");

        EffectivePolicy effective = await host.Get<PolicyStore>().EffectiveAsync(group.Id, TestContext.Current.CancellationToken);
        Assert.Equal((true, false, 30), (effective.Policy.Scan.VirtualImages.AutoProtect, effective.Policy.Scan.VirtualImages.OnDemand, effective.Policy.Scan.VirtualImages.MaxSealAgeDays));
        Assert.Equal(new Uri("https://cache.local:9005"), effective.Policy.Scan.InsightCache.Address);
        Assert.Equal([DayOfWeek.Monday], Assert.Single(effective.Policy.Schedules).Days);

        await page.GetByText("The whole document").ClickAsync();
        await page.GetByLabel("Policy as JSON").FillAsync("""{"name":"x","heartbeatSeconds":1}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the document" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("heartbeatSeconds: 1 is not from 5 to 86,400");
        await page.GetByLabel("Policy as JSON").FillAsync("""{"name":"By hand","heartbeatSeconds":30}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the document" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The policy was set");

        ILocator history = page.GetByRole(AriaRole.Region, new() { Name = "History" });
        await Assertions.Expect(history.GetByRole(AriaRole.Row, new() { Name = "seals for everybody" })).ToContainTextAsync("olga");
        await page.GetByRole(AriaRole.Button, new() { Name = "Bring back version 1" }).ClickAsync();
        await Assertions.Expect(history.GetByRole(AriaRole.Row).Nth(1)).ToContainTextAsync("back to version 1");
        effective = await host.Get<PolicyStore>().EffectiveAsync(group.Id, TestContext.Current.CancellationToken);
        Assert.True(effective.Policy.Scan.VirtualImages.AutoProtect);

        await page.GetByRole(AriaRole.Button, new() { Name = "Follow the group above" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("The group follows the policy of /.");
        await page.Context.CloseAsync();

        async Task SetAsync(string comment)
        {
            await page.Locator("form.policy").GetByLabel("Why is it changed?").FillAsync(comment);
            await page.GetByRole(AriaRole.Button, new() { Name = "Set the policy" }).ClickAsync();
        }
    }

    [Fact]
    public async Task A_change_of_somebody_else_meanwhile_is_not_overwritten()
    {
        ClientGroup group = await host.Get<GroupTree>().AddAsync(GroupTree.RootId, "Two at once", Actor.Manager, TestContext.Current.CancellationToken);
        IPage page = await host.OpenAsAsync("olga");
        await page.GotoAsync($"/console/groups/{group.Id}");
        await host.Get<PolicyStore>().SetAsync(group.Id, new Protocol.PolicyDocument(name: "The other one's"), "", Actor.Manager, cancellationToken: TestContext.Current.CancellationToken);
        await page.GetByLabel("Name of the policy").FillAsync("Mine");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the policy" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("somebody else has set version 1 meanwhile");
        await Assertions.Expect(page.GetByLabel("Name of the policy")).ToHaveValueAsync("Mine");
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_recall_names_the_clients_and_seals_that_relied_on_the_content(bool script)
    {
        ContentHash bad = ContentHash.Compute(script ? "bad with script"u8 : "bad without script"u8);
        IPage page = await host.OpenAsAsync("olga", script);
        await page.GotoAsync("/console/recalls");
        await AskAsync("no hash");
        await Assertions.Expect(page.GetByLabel("SHA-256 of the content")).ToHaveAttributeAsync("aria-invalid", "true");
        await AskAsync(bad.ToString());
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("not recalled");
        await page.GetByLabel("The threat's name, if it has one").FillAsync("Trojan.Late");
        await page.GetByRole(AriaRole.Button, new() { Name = "Recall the content" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The content was recalled");

        await host.Fleet.AnswerAsync("desk-07", bad);
        await AskAsync(bad.ToString());
        ILocator relied = page.GetByRole(AriaRole.Region, new() { Name = "Clients that relied on it" });
        await Assertions.Expect(relied).ToContainTextAsync("desk-07");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("in use by 19 clients");
        await page.GetByRole(AriaRole.Button, new() { Name = "Lift the recall" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The recall was lifted");
        await page.Context.CloseAsync();

        async Task AskAsync(string hash)
        {
            await page.GetByLabel("SHA-256 of the content").FillAsync(hash);
            await page.GetByRole(AriaRole.Button, new() { Name = "Who relied on it?" }).ClickAsync();
        }
    }

    [Fact]
    public async Task A_token_a_key_and_a_one_time_password_are_told_once_and_taken_back()
    {
        IPage page = await host.OpenAsAsync("admin", script: false);
        await page.GotoAsync("/console/tokens");
        await page.GetByLabel("What is it for?").FillAsync("floor 2");
        await page.GetByLabel("It counts … times").FillAsync("0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the token" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("It counts … times")).ToHaveAttributeAsync("aria-invalid", "true");
        await page.GetByLabel("It counts … times").FillAsync("5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the token" }).ClickAsync();
        string token = (await page.Locator(".secret code").TextContentAsync())!;
        Assert.StartsWith("enrol-", token, StringComparison.Ordinal);
        await page.GotoAsync("/console/tokens");
        Assert.DoesNotContain(token, await page.ContentAsync(), StringComparison.Ordinal);
        ILocator row = page.GetByRole(AriaRole.Row, new() { Name = "floor 2" });
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("taken back");

        await page.GotoAsync("/console/keys");
        await page.GetByLabel("What is it for?").FillAsync("nightly report");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        Assert.StartsWith("key-", await page.Locator(".secret code").TextContentAsync(), StringComparison.Ordinal);

        await page.GotoAsync("/console/accounts");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("walter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        Assert.Equal(24, (await page.Locator(".secret code").TextContentAsync())!.Length);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete walter" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The account was deleted");

        await page.GotoAsync("/console/audit");
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Entries" })).ToContainTextAsync("administrator.delete");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_overview_leads_to_the_clients_that_it_counts_and_tells_which_caches_are_reached()
    {
        IPage page = await host.OpenAsAsync("vera", script: false);
        await page.GotoAsync("/console/");
        ILocator caches = page.GetByRole(AriaRole.Region, new() { Name = "Insight caches" });
        await Assertions.Expect(caches.GetByRole(AriaRole.Row, new() { Name = "http://127.0.0.1:9/" })).ToContainTextAsync("not reachable");
        await Assertions.Expect(caches.GetByRole(AriaRole.Row, new() { Name = host.Cache.ToString() })).ToContainTextAsync("ready");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("123,456 Contents in the cache");
        await Assertions.Expect(page.GetByRole(AriaRole.Img, new() { Name = "Bytes not scanned by day" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "3 Silent for more than a day" }).ClickAsync();
        await Assertions.Expect(Result(page)).ToContainTextAsync("3 clients");
        await page.GotoAsync("/console/");
        await page.GetByRole(AriaRole.Region, new() { Name = "By cloud" }).GetByRole(AriaRole.Link, new() { Name = "aws" }).ClickAsync();
        await Assertions.Expect(Result(page)).ToContainTextAsync("6 clients");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_keyboard_alone_signs_in_searches_opens_a_client_and_moves_it()
    {
        ClientGroup group = await host.Get<GroupTree>().AddAsync(GroupTree.RootId, "By keyboard", Actor.Manager, TestContext.Current.CancellationToken);
        IPage page = await host.OpenAsync();
        await page.GotoAsync("/console/clients");
        await TabToAsync("Skip to the content");
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync("Name");
        await page.Keyboard.TypeAsync("olga");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(ConsoleHost.Password);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Clients");
        await TabToAsync("Skip to the content");
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync("Search clients");
        await page.Keyboard.TypeAsync("name:aws-6");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Result(page)).ToContainTextAsync("1 client");
        await TabToAsync("aws-6");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("aws-6");
        await TabToAsync("Into the group");
        await page.Keyboard.TypeAsync(group.Path);
        await TabToAsync("Move the client");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The clients were moved");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = group.Path })).ToBeVisibleAsync();
        await page.Context.CloseAsync();

        async Task TabToAsync(string name)
        {
            for (int presses = 0; presses < 150; presses++)
            {
                await page.Keyboard.PressAsync("Tab");
                (string Text, bool IsSeen) at = await FocusAsync();
                Assert.True(at.IsSeen, $"the focus on {at.Text} is not to be seen");
                if (at.Text == name)
                {
                    return;
                }
            }

            Assert.Fail($"the tab key never came to {name}");
        }

        async Task<(string Text, bool IsSeen)> FocusAsync()
        {
            string[] at = await page.EvaluateAsync<string[]>(
                "() => { const e = document.activeElement; return [(e.labels?.[0] ?? e).textContent.trim(), e === document.body || getComputedStyle(e).outlineStyle !== 'none' ? 'yes' : 'no']; }");
            return (at[0], at[1] == "yes");
        }
    }

    private static ILocator Heading(IPage page) => page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    private static ILocator Result(IPage page) => page.Locator(".result");
}
