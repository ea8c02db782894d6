using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Management.Console.Tests;

/// <summary>The program <c>ManagerHost</c> as its users run it.</summary>
public sealed partial class ManagerHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "ManagerHost.dll");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--Manager:Prot=1", "Manager:Prot", "Port")]
    [InlineData("--Manager:Port=70000", "Port", "between 0 and 65535")]
    [InlineData("--Manager:Listen=everywhere", "Listen", "localhost")]
    [InlineData("--Manager:ClientLifetime=soon", "ClientLifetime", "soon")]
    [InlineData("--Manager:MaxSignInFailures=0", "MaxSignInFailures", "from 1 to 1,000")]
    [InlineData("--Manager:LogFile:Pfad=x", "Manager:LogFile:Pfad", "Path")]
    [InlineData("--port=1", "--port=1", "--Manager:Port=9008")]
    [InlineData("start", "start", "--help")]
    public void A_wrong_setting_stops_the_manager_and_is_named_with_what_is_allowed(string setting, string key, string allowed)
    {
        ProgramRun outcome = ProgramRun.Of("dotnet", [Program, $"--Manager:DataFolder={_folder.Path}", setting]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(key, outcome.Errors, StringComparison.Ordinal);
        Assert.Contains(allowed, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_names_every_setting()
    {
        ProgramRun outcome = ProgramRun.Of("dotnet", [Program, "--help"]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.All((string[])["Port", "Listen", "Certificate", "Database", "DataFolder", "FirstPasswordFile", "LogFile", "new-token"], name => Assert.Contains(name, outcome.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_start_tells_a_password_once_and_the_manager_is_ready_where_it_says()
    {
        await using (Run first = await Run.StartAsync($"--Manager:DataFolder={_folder.Path}", $"--Manager:LogFile:Path={_folder["manager.log"]}"))
        {
            Assert.Matches("First start: sign in as admin with the password .{24} and choose another\\.", first.Log);
            using HttpResponseMessage ready = await first.Http.GetAsync("/health/ready", Token);
            using HttpResponseMessage root = await first.Http.GetAsync("/", Token);
            using HttpResponseMessage api = await first.Http.GetAsync("/api/v1/clients", Token);
            Assert.Equal((HttpStatusCode.OK, "/console/", HttpStatusCode.Unauthorized), (ready.StatusCode, root.Headers.Location?.ToString(), api.StatusCode));
            Assert.Equal(0, await first.StopAsync());
        }

        await using Run second = await Run.StartAsync($"--Manager:DataFolder={_folder.Path}");
        Assert.DoesNotContain("First start", second.Log, StringComparison.Ordinal);
        Assert.Contains("Now listening on", await File.ReadAllTextAsync(_folder["manager.log"], Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_password_goes_into_a_file_that_only_its_owner_reads()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "rights of files are those of Unix");
        await using Run host = await Run.StartAsync($"--Manager:Database={_folder["other.db"]}", $"--Manager:DataFolder={_folder.Path}", $"--Manager:FirstPasswordFile={_folder["first"]}");

        Assert.DoesNotContain("First start", host.Log, StringComparison.Ordinal);
        Assert.Matches("^admin .{24}\n$", await File.ReadAllTextAsync(_folder["first"], Token));
#pragma warning disable CA1416 // The test skips where there are no such rights.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["first"]));
#pragma warning restore CA1416
        Assert.True(File.Exists(_folder["other.db"]));
    }

    [Fact]
    public async Task A_first_password_that_could_not_be_told_is_made_anew_at_the_next_start()
    {
        string missing = _folder["missing"];
        ProgramRun failed = ProgramRun.Of("dotnet", [Program, "--Manager:Listen=localhost", "--Manager:Port=0", $"--Manager:DataFolder={_folder.Path}", $"--Manager:FirstPasswordFile={missing}/first"]);
        Directory.CreateDirectory(missing);

        await using Run host = await Run.StartAsync($"--Manager:DataFolder={_folder.Path}", $"--Manager:FirstPasswordFile={missing}/first");

        Assert.Equal(3, failed.ExitCode);
        Assert.Matches("^admin .{24}\n$", await File.ReadAllTextAsync($"{missing}/first", Token));
    }

    [Fact]
    public async Task With_a_certificate_the_manager_speaks_https_only()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(_folder["server.pem"], certificate.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(_folder["server.key"], key.ExportPkcs8PrivateKeyPem(), Token);
        await using Run host = await Run.StartAsync($"--Manager:DataFolder={_folder.Path}", $"--Manager:Certificate={_folder["server.pem"]}", $"--Manager:CertificateKey={_folder["server.key"]}");

        using HttpResponseMessage page = await host.Http.GetAsync("/console/sign-in", Token);
        Assert.Equal("https", host.Http.BaseAddress!.Scheme);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains(page.Headers.GetValues("Set-Cookie"), static cookie => cookie.Contains("secure", StringComparison.OrdinalIgnoreCase) && cookie.Contains("httponly", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_token_is_made_on_the_command_line()
    {
        ProgramRun made = ProgramRun.Of("dotnet", [Program, "new-token", "--uses", "3", $"--Manager:DataFolder={_folder.Path}", $"--Manager:FirstPasswordFile={_folder["first"]}"]);
        ProgramRun refused = ProgramRun.Of("dotnet", [Program, "new-token", "--group", "/Nowhere", $"--Manager:DataFolder={_folder.Path}"]);

        Assert.Equal(0, made.ExitCode);
        Assert.StartsWith("enrol-", made.Output, StringComparison.Ordinal);
        Assert.Equal((2, "There is no group /Nowhere."), (refused.ExitCode, refused.Errors.Trim()));
    }

    /// <summary>A run of the program on a free port of the loopback.</summary>
    private sealed partial class Run : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private Run(Process process)
        {
            _process = process;
            process.EnableRaisingEvents = true;
            process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException(Log));
            process.OutputDataReceived += (_, line) => Keep(line.Data);
            process.ErrorDataReceived += (_, line) => Keep(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public HttpClient Http { get; } = new(new HttpClientHandler { AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = static (_, _, _, _) => true });

        public string Log => string.Join('\n', _lines);

        public static async Task<Run> StartAsync(params string[] settings)
        {
            Run run = new(Process.Start(new ProcessStartInfo("dotnet", [Program, "--Manager:Listen=localhost", "--Manager:Port=0", .. settings]) { RedirectStandardOutput = true, RedirectStandardError = true })!);
            run.Http.BaseAddress = await run._address.Task.WaitAsync(Token);
            return run;
        }

        /// <summary>Ends the manager as a service manager does.</summary>
        public async Task<int> StopAsync()
        {
            Peer.Run("sh", "-c", $"kill -TERM {_process.Id}");
            await _process.WaitForExitAsync(Token);
            return _process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                await _process.WaitForExitAsync(CancellationToken.None);
            }

            _process.Dispose();
            Http.Dispose();
        }

        [GeneratedRegex("Now listening on: (https?://\\S+)")]
        private static partial Regex Listening();

        private void Keep(string? line)
        {
            if (line is not null)
            {
                _lines.Enqueue(line);
                if (Listening().Match(line) is { Success: true } match)
                {
                    _address.TrySetResult(new Uri(match.Groups[1].Value));
                }
            }
        }
    }
}
