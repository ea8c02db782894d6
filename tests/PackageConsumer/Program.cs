using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

// Restores the packed packages and runs the README's snippet: tests/Integration packs, builds and starts this project.
string image = args[0];

#region scan-an-image
SignatureEngine engine = new(SignatureDatabase.Embedded);   // or SignatureDatabase.Load("/var/lib/clamav")
OfflineScanner scanner = new(engine);
ScanSessionOptions session = new() { Reports = { new TextReport(Console.Out) } };

ScanSummary summary = await scanner.ScanAsync([image], session);

Console.WriteLine(summary.Infected > 0 ? "infected" : summary.IsComplete ? "clean" : "not everything could be scanned");
#endregion
