using System.Net.Http.Json;

using System.Text.Json.Nodes;

namespace Symantec.Virtualization.Examples.FullSystem;

/// <summary>What an administrator does with the manager, as a script does it: by its JSON over HTTP.</summary>
internal sealed class ManagerApi : IDisposable
{
    private const string Root = "api/v1";

    private readonly HttpClient _http;

    private ManagerApi(HttpClient http) => _http = http;

    /// <summary>Signs in for the first time: chooses a password in place of the one-time one, and takes a key for what follows.</summary>
    public static async Task<ManagerApi> SignInAsync(Uri address, string name, string oneTimePassword, string password, CancellationToken cancellationToken)
    {
        using HttpClient browser = new() { BaseAddress = address };
        await SendAsync(browser, HttpMethod.Post, "session", new { name, password = oneTimePassword }, cancellationToken);
        JsonNode session = await SendAsync(browser, HttpMethod.Get, "session", null, cancellationToken);
        browser.DefaultRequestHeaders.Add("X-Csrf-Token", (string)session["csrfToken"]!);
        await SendAsync(browser, HttpMethod.Put, "session/password", new { current = oneTimePassword, next = password }, cancellationToken);

        // Another session began, with a token of its own.
        browser.DefaultRequestHeaders.Remove("X-Csrf-Token");
        session = await SendAsync(browser, HttpMethod.Get, "session", null, cancellationToken);
        browser.DefaultRequestHeaders.Add("X-Csrf-Token", (string)session["csrfToken"]!);
        JsonNode key = await SendAsync(browser, HttpMethod.Post, "keys", new { name = "full system", role = "administer" }, cancellationToken);
        HttpClient http = new() { BaseAddress = address };
        http.DefaultRequestHeaders.Add("X-Api-Key", (string)key["key"]!);
        return new ManagerApi(http);
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(_http, HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonNode> PostAsync(string path, object body, CancellationToken cancellationToken) => SendAsync(_http, HttpMethod.Post, path, body, cancellationToken);

    /// <summary>Sets the policy of everybody.</summary>
    public Task<JsonNode> SetPolicyAsync(object policy, string comment, CancellationToken cancellationToken)
        => SendAsync(_http, HttpMethod.Put, "groups/1/policy", new { policy, comment }, cancellationToken);

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> SendAsync(HttpClient http, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, $"{Root}/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject()
            : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {text}");
    }
}
