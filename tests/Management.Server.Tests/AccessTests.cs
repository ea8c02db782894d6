using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>Who may do what, and what those find who may not.</summary>
public class AccessTests
{
    private const string Password = "correct horse battery";

    public static TheoryData<DatabaseKind> Databases => LiveManager.Databases;

    [Theory, MemberData(nameof(Databases))]
    public async Task The_first_administrator_has_a_password_for_one_thing_to_choose_another(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        using HttpClient browser = manager.Browser(out _);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(browser, Administrators.FirstName, manager.FirstPassword));

        HttpStatusCode before = await StatusAsync(browser, "/api/v1/clients");
        await UseTokenAsync(browser);
        using HttpResponseMessage tooShort = await SendAsync(browser, HttpMethod.Put, "/api/v1/session/password", new { current = manager.FirstPassword, next = "short" });
        using HttpResponseMessage changed = await SendAsync(browser, HttpMethod.Put, "/api/v1/session/password", new { current = manager.FirstPassword, next = Password });

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.BadRequest, HttpStatusCode.OK), (before, tooShort.StatusCode, changed.StatusCode));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser, "/api/v1/clients"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, Administrators.FirstName, manager.FirstPassword));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_role_may_what_it_may(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Dictionary<AdministratorRole, string> answers = [];
        foreach (AdministratorRole role in Enum.GetValues<AdministratorRole>())
        {
            using HttpClient script = await manager.ScriptAsync(role);
            using HttpResponseMessage look = await script.GetAsync(new Uri("/api/v1/clients", UriKind.Relative), LiveManager.Stop);
            using HttpResponseMessage operate = await SendAsync(script, HttpMethod.Post, "/api/v1/groups", new { name = role.ToString() });
            using HttpResponseMessage administer = await script.GetAsync(new Uri("/api/v1/audit", UriKind.Relative), LiveManager.Stop);
            answers.Add(role, $"{(int)look.StatusCode} {(int)operate.StatusCode} {(int)administer.StatusCode}");
        }

        Assert.Equal("200 403 403", answers[AdministratorRole.View]);
        Assert.Equal("200 201 403", answers[AdministratorRole.Operate]);
        Assert.Equal("200 201 200", answers[AdministratorRole.Administer]);
        IReadOnlyList<AuditEntry> audit = await manager.Get<AuditLog>().ReadAsync(cancellationToken: LiveManager.Stop);
        AuditEntry group = Assert.Single(audit, static entry => entry.Target == "/Operate");
        Assert.Equal(("group.add", "127.0.0.1", true), (group.Act, group.Address, group.Actor.StartsWith("script-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_route_but_signing_in_and_the_description_asks_who_it_is()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite, static options => options.MaxFailuresPerMinute = 1000);
        using HttpClient http = manager.Http();
        using JsonDocument description = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/v1/openapi/management.json", UriKind.Relative), LiveManager.Stop));
        List<string> open = [];
        int routes = 0;
        foreach (JsonProperty path in description.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty method in path.Value.EnumerateObject())
            {
                string route = path.Name.Replace("{id}", path.Name.Contains("/clients/", StringComparison.Ordinal) ? Guid.NewGuid().ToString() : "1", StringComparison.Ordinal)
                    .Replace("{hash}", new string('0', 64), StringComparison.Ordinal);
                using HttpRequestMessage request = new(new HttpMethod(method.Name.ToUpperInvariant()), route);
                request.Content = JsonContent.Create(new { });
                using HttpResponseMessage response = await http.SendAsync(request, LiveManager.Stop);
                routes++;
                if (response.StatusCode != HttpStatusCode.Unauthorized)
                {
                    open.Add($"{method.Name} {path.Name} {(int)response.StatusCode}");
                }
            }
        }

        Assert.True(routes > 40, $"{routes} routes are described");
        Assert.Equal(["post /api/v1/session 400", "post /v1/agent/enrolment 400"], open.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_request_that_a_page_of_another_site_sends_changes_nothing(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        using HttpClient browser = manager.Browser(out CookieContainer cookies);
        await SignInFirstAsync(manager, browser);
        browser.DefaultRequestHeaders.Remove(ManagementAccess.AntiforgeryHeader);

        using HttpResponseMessage without = await SendAsync(browser, HttpMethod.Post, "/api/v1/groups", new { name = "forged" });
        browser.DefaultRequestHeaders.Add(ManagementAccess.AntiforgeryHeader, "guess");
        using HttpResponseMessage guessed = await SendAsync(browser, HttpMethod.Post, "/api/v1/groups", new { name = "forged" });
        browser.DefaultRequestHeaders.Remove(ManagementAccess.AntiforgeryHeader);
        await UseTokenAsync(browser);
        using FormUrlEncodedContent form = new([new KeyValuePair<string, string>("{\"name\":\"forged\",\"x\":\"", "\"}")]);
        using HttpResponseMessage asForm = await browser.PostAsync(new Uri("/api/v1/groups", UriKind.Relative), form, LiveManager.Stop);
        using HttpResponseMessage own = await SendAsync(browser, HttpMethod.Post, "/api/v1/groups", new { name = "own" });

        Assert.Equal(
            (HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.Created),
            (without.StatusCode, guessed.StatusCode, asForm.StatusCode, own.StatusCode));
        Assert.Equal(["/", "/own"], (await manager.Get<GroupTree>().ListAsync(LiveManager.Stop)).Select(static group => group.Path));
        Assert.All(cookies.GetAllCookies().Cast<Cookie>(), static cookie => Assert.True(cookie.HttpOnly, cookie.Name));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_session_that_somebody_else_put_into_the_browser_is_not_the_one_that_signs_in(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        using HttpClient attacker = manager.Browser(out CookieContainer theirs);
        await SignInFirstAsync(manager, attacker);
        Cookie planted = theirs.GetCookies(manager.Address)["management"]!;
        NewAdministrator victim = await manager.Get<Administrators>().AddAsync("victim", AdministratorRole.View, LiveManager.Tester, LiveManager.Stop);

        using HttpClient browser = manager.Browser(out CookieContainer cookies);
        cookies.Add(manager.Address, new Cookie("management", planted.Value, "/"));
        using HttpResponseMessage response = await browser.PostAsJsonAsync("/api/v1/session", new { name = "victim", password = victim.OneTimePassword }, LiveManager.Stop);
        string set = string.Join('\n', response.Headers.GetValues("Set-Cookie"));

        Assert.NotEqual(planted.Value, cookies.GetCookies(manager.Address)["management"]!.Value);
        Assert.Contains("httponly", set, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", set, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(attacker, "/api/v1/session"));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_session_ends_by_itself_by_signing_out_and_with_its_account(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        using HttpClient one = manager.Browser(out CookieContainer cookies);
        await SignInFirstAsync(manager, one);
        string secret = cookies.GetCookies(manager.Address)["management"]!.Value;
        manager.Time.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(one, "/api/v1/clients"));
        manager.Time.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(one, "/api/v1/clients"));
        manager.Time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(one, "/api/v1/clients"));

        Assert.Equal(HttpStatusCode.OK, await SignInAsync(one, Administrators.FirstName, Password));
        string second = cookies.GetCookies(manager.Address)["management"]!.Value;
        await UseTokenAsync(one);
        using HttpResponseMessage ended = await one.DeleteAsync(new Uri("/api/v1/session", UriKind.Relative), LiveManager.Stop);
        using HttpClient thief = manager.Browser(out CookieContainer stolen);
        stolen.Add(manager.Address, new Cookie("management", second, "/"));

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized), (ended.StatusCode, await StatusAsync(thief, "/api/v1/session")));
        await using ManagementContext tables = manager.Get<ManagementDatabase>().Open();
        Assert.DoesNotContain(await tables.Sessions.ToListAsync(LiveManager.Stop), session => Encoding.UTF8.GetString(session.Hash).Contains(secret, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Guessing_passwords_ends_soon(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind, static options => options.MaxFailuresPerMinute = 8);
        using HttpClient browser = manager.Browser(out _);
        await SignInFirstAsync(manager, browser);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, Administrators.FirstName, $"guess {i}"));
        }

        HttpStatusCode locked = await SignInAsync(browser, Administrators.FirstName, Password);
        await SignInAsync(browser, "nobody", Password);
        await SignInAsync(browser, "nobody", Password);
        HttpStatusCode spent = await SignInAsync(browser, "nobody", Password);
        manager.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests), (locked, spent));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(browser, Administrators.FirstName, Password));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Somebody_always_administers_and_a_key_is_never_more_than_its_account(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Administrators administrators = manager.Get<Administrators>();
        AdministratorDocument first = Assert.Single(await administrators.ListAsync(LiveManager.Stop));

        Assert.Equal(ManagementFault.Conflict, (await Assert.ThrowsAsync<ManagementException>(() => administrators.DeleteAsync(first.Id, LiveManager.Tester, LiveManager.Stop))).Fault);
        Assert.Equal(ManagementFault.Conflict, (await Assert.ThrowsAsync<ManagementException>(
            () => administrators.ChangeAsync(first.Id, AdministratorRole.View, null, LiveManager.Tester, LiveManager.Stop))).Fault);
        NewAdministrator other = await administrators.AddAsync("other", AdministratorRole.Operate, LiveManager.Tester, LiveManager.Stop);
        NewApiKey key = await manager.Get<ApiKeys>().AddAsync(other.Administrator.Id, "k", AdministratorRole.Operate, 1, LiveManager.Tester, LiveManager.Stop);
        await Assert.ThrowsAsync<ManagementException>(() => manager.Get<ApiKeys>().AddAsync(other.Administrator.Id, "k", AdministratorRole.Administer, 1, LiveManager.Tester, LiveManager.Stop));
        using HttpClient script = manager.Http();
        script.DefaultRequestHeaders.Add(ManagementAccess.ApiKeyHeader, key.Key);
        using HttpResponseMessage may = await SendAsync(script, HttpMethod.Post, "/api/v1/groups", new { name = "a" });
        await administrators.ChangeAsync(other.Administrator.Id, AdministratorRole.View, null, LiveManager.Tester, LiveManager.Stop);
        using HttpResponseMessage lessened = await SendAsync(script, HttpMethod.Post, "/api/v1/groups", new { name = "b" });
        HttpStatusCode stillLooks = await StatusAsync(script, "/api/v1/clients");
        manager.Time.Advance(TimeSpan.FromDays(1));
        HttpStatusCode expired = await StatusAsync(script, "/api/v1/clients");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Unauthorized), (may.StatusCode, lessened.StatusCode, stillLooks, expired));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Two_who_disable_each_other_at_once_leave_one(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Administrators administrators = manager.Get<Administrators>();
        int first = Assert.Single(await administrators.ListAsync(LiveManager.Stop)).Id;
        for (int round = 0; round < 8; round++)
        {
            int other = (await administrators.AddAsync($"other{round}", AdministratorRole.Administer, LiveManager.Tester, LiveManager.Stop)).Administrator.Id;

            await Task.WhenAll(new[] { first, other }.Select(async id =>
            {
                try
                {
                    await administrators.ChangeAsync(id, null, disabled: true, LiveManager.Tester, LiveManager.Stop);
                }
                catch (ManagementException e) when (e.Fault == ManagementFault.Conflict)
                {
                    // The other one came first.
                }
            }));

            AdministratorDocument left = Assert.Single(await administrators.ListAsync(LiveManager.Stop), static account => !account.Disabled);
            first = left.Id;
        }
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task No_client_is_another_one(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent victim = await manager.EnrolAsync("victim", "hardware-0001");
        Agent rogue = await manager.EnrolAsync("rogue", "hardware-0002");
        Agent forged = new(manager, new ClientCredentials(victim.Id, rogue.Credentials.Secret), rogue.Machine);

        using HttpResponseMessage beat = await forged.TryBeatAsync(forged.Next());
        using HttpResponseMessage policy = await forged.PolicyAsync();
        ResultBatch batch = new() { Id = Guid.NewGuid(), Created = manager.Time.GetUtcNow() };
        ResultReceipt first = await victim.ReportAsync(batch);
        ResultReceipt same = await rogue.ReportAsync(batch);
        using HttpResponseMessage asAdministrator = await rogue.SendAsync(HttpMethod.Get, "/api/v1/clients", null);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (beat.StatusCode, policy.StatusCode, asAdministrator.StatusCode));
        Assert.True(first.Counted && same.Counted, "a batch of one client is no batch of another");
        using HttpClient script = await manager.ScriptAsync();
        using HttpResponseMessage keyAsClient = await script.GetAsync(new Uri(Routes.Policy, UriKind.Relative), LiveManager.Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, keyAsClient.StatusCode);
    }

    [Fact]
    public async Task A_client_asks_as_often_as_it_may_and_its_neighbours_are_not_held_up()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite, static options =>
        {
            options.ClientRequestsPerMinute = 10;
            options.MaxFailuresPerMinute = 3;
        });
        Agent loud = await manager.EnrolAsync("loud", "hardware-0001");
        Agent quiet = await manager.EnrolAsync("quiet", "hardware-0002");
        Agent stranger = new(manager, new ClientCredentials(quiet.Id, "wrong-secret"), quiet.Machine);
        for (int i = 0; i < 10; i++)
        {
            await loud.BeatAsync();
            using HttpResponseMessage wrong = await stranger.PolicyAsync();
            Assert.Equal(i < 3 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, wrong.StatusCode);
        }

        using HttpResponseMessage tooMany = await loud.TryBeatAsync(loud.Next());
        await quiet.BeatAsync();

        Assert.Equal((HttpStatusCode.TooManyRequests, true), (tooMany.StatusCode, tooMany.Headers.RetryAfter is not null));
        manager.Time.Advance(TimeSpan.FromMinutes(1));
        await loud.BeatAsync();
    }

    [Fact]
    public async Task Where_https_is_required_nothing_is_answered_without_it()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite, static options => options.RequireHttps = true);
        using HttpResponseMessage response = await manager.TryEnrolAsync(await manager.TokenAsync());
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task The_tables_are_those_that_the_migrations_make(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        await using ManagementContext tables = manager.Get<ManagementDatabase>().Open();
        Assert.False(tables.Database.HasPendingModelChanges());
        Assert.Empty(await tables.Database.GetPendingMigrationsAsync(LiveManager.Stop));
    }

    private static async Task SignInFirstAsync(LiveManager manager, HttpClient browser)
    {
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(browser, Administrators.FirstName, manager.FirstPassword));
        await UseTokenAsync(browser);
        using HttpResponseMessage changed = await SendAsync(browser, HttpMethod.Put, "/api/v1/session/password", new { current = manager.FirstPassword, next = Password });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    private static async Task<HttpStatusCode> SignInAsync(HttpClient browser, string name, string password)
    {
        using HttpResponseMessage response = await browser.PostAsJsonAsync("/api/v1/session", new { name, password }, LiveManager.Stop);
        return response.StatusCode;
    }

    private static async Task UseTokenAsync(HttpClient browser)
    {
        using JsonDocument session = JsonDocument.Parse(await browser.GetStringAsync(new Uri("/api/v1/session", UriKind.Relative), LiveManager.Stop));
        browser.DefaultRequestHeaders.Remove(ManagementAccess.AntiforgeryHeader);
        browser.DefaultRequestHeaders.Add(ManagementAccess.AntiforgeryHeader, session.RootElement.GetProperty("csrfToken").GetString());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string route)
    {
        using HttpResponseMessage response = await http.GetAsync(new Uri(route, UriKind.Relative), LiveManager.Stop);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, string route, object body)
    {
        using HttpRequestMessage request = new(method, route) { Content = JsonContent.Create(body) };
        return await http.SendAsync(request, LiveManager.Stop);
    }
}
