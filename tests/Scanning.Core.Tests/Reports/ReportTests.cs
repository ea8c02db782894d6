using System.Text.Json;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.Core.Tests.Reports;

public sealed class ReportTests : IDisposable
{
    private static readonly DefinitionSet Definitions = new()
    {
        Engine = "words", Version = "7", Sequence = 7, Published = DateTimeOffset.UnixEpoch, Digest = ContentHash.Compute("d"u8), SignatureCount = 3, Source = "/definitions",
    };

    private static readonly ScanRun Run = new(
        ["disk.vmdk"], ScanTrigger.Scheduled, new VerdictScope("words", new ScanProfile("0123456789abcdef"), Definitions), DateTimeOffset.UnixEpoch.AddDays(1));

    private static readonly ScanResult Infected = new()
    {
        Location = "disk.vmdk!/p1/evil\u001B[2J.com", OtherLocations = ["disk.vmdk!/p1/twin.com"], Length = 68, StoredLength = 68, Hash = ContentHash.Compute("x"u8),
        Disposition = Disposition.Scanned, By = "words", Verdict = Verdict.Infected("Eicar-Test-Signature"), Definitions = Definitions, Elapsed = TimeSpan.FromMilliseconds(1.5),
    };

    private static readonly ScanResult Clean = Infected with { Location = "disk.vmdk!/p1/clean.txt", OtherLocations = [], Verdict = Verdict.Clean, Hash = null };

    private static readonly ScanResult Skipped = Clean with
    {
        Location = "disk.vmdk!/p1/sealed.dll", Disposition = Disposition.Skipped, By = "seal", Why = "sealed with the base image", Verdict = null, Definitions = null,
    };

    private static readonly ScanResult Incomplete = Clean with { Location = "disk.vmdk!/p1/secret", Disposition = Disposition.Unscannable, Verdict = Verdict.Incomplete("EFS") };

    private static readonly ScanProblem Problem = new("disk.vmdk!/p2", "Volume at 0x0: no file system");

    private static readonly ScanSummary Summary = new()
    {
        Contents = 4, Bytes = 272, Infected = 1, Incomplete = 1, Failed = 0, Skipped = 1, Problems = 1, Elapsed = TimeSpan.FromSeconds(2.5), Cancelled = false,
        Ledger = [new LedgerLine(Disposition.Skipped, "seal", 1, 68, TimeSpan.Zero)], BytesSaved = 68, TimeSaved = TimeSpan.FromSeconds(1.25),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_text_report_shows_what_matters_and_obeys_nothing_that_an_image_says()
    {
        using StringWriter text = new() { NewLine = "\n" };

        Write(new TextReport(text));

        Assert.Equal(
            """
            words, definitions 7 from /definitions: 3 signatures
            disk.vmdk!/p1/evil\u{001B}[2J.com: Eicar-Test-Signature FOUND
            disk.vmdk!/p1/secret: not scanned to its end: EFS
            disk.vmdk!/p2: ERROR: Volume at 0x0: no file system
            4 contents, 272 bytes: 1 infected, 1 not scanned to their end, 0 failed, 1 skipped; 1 problems; 2.5 s
            Skipping saved reading 68 bytes, and 1.2 s of work.

            """,
            text.ToString());
    }

    [Fact]
    public void The_text_report_lists_everything_when_asked()
    {
        using StringWriter text = new() { NewLine = "\n" };

        Write(new TextReport(text, includeClean: true));

        Assert.Contains("disk.vmdk!/p1/clean.txt: OK\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("disk.vmdk!/p1/sealed.dll: skipped by seal: sealed with the base image\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_JSON_report_is_one_document()
    {
        using (JsonReport report = new(_folder["scan.json"], includeClean: true))
        {
            Write(report);
        }

        Assert.Equal(
            """
            {
              "report": "symantec-virtualization-scan",
              "version": 1,
              "sources": [
                "disk.vmdk"
              ],
              "trigger": "scheduled",
              "started": "1970-01-02T00:00:00+00:00",
              "engine": "words",
              "profile": "0123456789abcdef",
              "definitions": {
                "version": "7",
                "sequence": 7,
                "published": "1970-01-01T00:00:00+00:00",
                "signatures": 3,
                "digest": "18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4",
                "source": "/definitions"
              },
              "results": [
                {
                  "location": "disk.vmdk!/p1/clean.txt",
                  "length": 68,
                  "storedLength": 68,
                  "disposition": "scanned",
                  "by": "words",
                  "verdict": "clean",
                  "milliseconds": 1.5
                },
                {
                  "location": "disk.vmdk!/p1/evil\\u{001B}[2J.com",
                  "otherLocations": [
                    "disk.vmdk!/p1/twin.com"
                  ],
                  "length": 68,
                  "storedLength": 68,
                  "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
                  "disposition": "scanned",
                  "by": "words",
                  "verdict": "infected",
                  "threat": "Eicar-Test-Signature",
                  "milliseconds": 1.5
                },
                {
                  "location": "disk.vmdk!/p1/sealed.dll",
                  "length": 68,
                  "storedLength": 68,
                  "disposition": "skipped",
                  "by": "seal",
                  "why": "sealed with the base image",
                  "milliseconds": 1.5
                },
                {
                  "location": "disk.vmdk!/p1/secret",
                  "length": 68,
                  "storedLength": 68,
                  "disposition": "unscannable",
                  "by": "words",
                  "verdict": "incomplete",
                  "why": "EFS",
                  "milliseconds": 1.5
                }
              ],
              "problems": [
                {
                  "location": "disk.vmdk!/p2",
                  "message": "Volume at 0x0: no file system"
                }
              ],
              "summary": {
                "contents": 4,
                "bytes": 272,
                "infected": 1,
                "incomplete": 1,
                "failed": 0,
                "skipped": 1,
                "problems": 1,
                "cancelled": false,
                "complete": false,
                "seconds": 2.5,
                "bytesSaved": 68,
                "secondsSaved": 1.25,
                "ledger": [
                  {
                    "disposition": "skipped",
                    "by": "seal",
                    "contents": 1,
                    "bytes": 68,
                    "seconds": 0
                  }
                ]
              }
            }
            """,
            File.ReadAllText(_folder["scan.json"]).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_JSON_report_lists_what_is_notable_unless_asked_for_more()
    {
        using (JsonReport report = new(_folder["scan.json"]))
        {
            Write(report);
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(_folder["scan.json"]));
        Assert.Equal(["infected", "incomplete"], document.RootElement.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("verdict").GetString()));
    }

    [Fact]
    public void A_JSON_report_that_did_not_end_leaves_no_file_and_what_was_there_before()
    {
        File.WriteAllText(_folder["scan.json"], "before");
        using (JsonReport report = new(_folder["scan.json"]))
        {
            report.Start(Run);
            report.Add(Infected);
        }

        Assert.Equal(["scan.json"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        Assert.Equal("before", File.ReadAllText(_folder["scan.json"]));
    }

    [Fact]
    public void A_JSON_report_is_never_written_through_a_link_that_somebody_left_in_its_way()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        File.WriteAllText(_folder["victim"], "precious");
        File.CreateSymbolicLink(_folder["scan.json.partial"], _folder["victim"]);

        using (JsonReport report = new(_folder["scan.json"]))
        {
            Write(report);
        }

        Assert.Equal(("precious", true), (File.ReadAllText(_folder["victim"]), File.ReadAllText(_folder["scan.json"]).StartsWith('{')));
    }

    [Fact]
    public void The_lines_can_be_read_while_the_scan_runs_and_explain_each_content()
    {
        using JsonLinesReport report = new(_folder["scan.jsonl"]);
        Write(report);

        Assert.Equal(
            ["begin", "result", "result", "result", "result", "problem", "end"],
            File.ReadLines(_folder["scan.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("entry").GetString()));
        Assert.Equal("sealed with the base image", Explain("p1/sealed.dll").GetProperty("why").GetString());
        Assert.Equal("Eicar-Test-Signature", Explain("disk.vmdk!/p1/twin.com").GetProperty("threat").GetString());
        Assert.Empty(JsonLinesReport.Explain(_folder["scan.jsonl"], "ealed.dll"));
    }

    [Fact]
    public void A_line_that_was_cut_by_a_crash_does_not_hide_the_others()
    {
        using (JsonLinesReport report = new(_folder["scan.jsonl"]))
        {
            Write(report);
        }

        File.AppendAllText(_folder["scan.jsonl"], "{\"entry\":\"result\",\"loca");

        Assert.Equal("skipped", Explain("p1/sealed.dll").GetProperty("disposition").GetString());
    }

    private static void Write(IScanReport report)
    {
        report.Start(Run);
        foreach (ScanResult result in new[] { Clean, Infected, Skipped, Incomplete })
        {
            report.Add(result);
        }

        report.Add(Problem);
        report.Finish(Summary);
    }

    private JsonElement Explain(string location) => Assert.Single(JsonLinesReport.Explain(_folder["scan.jsonl"], location));
}
