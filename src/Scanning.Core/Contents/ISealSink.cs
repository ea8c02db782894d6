namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A report that a seal of an image is made from: where a session has one, it hashes every content that it scans.</summary>
/// <remarks>
/// <para>A result may stand in a seal if its verdict is clean and it has a <see cref="ScanResult.Hash"/>: one of a file that changed while it was scanned has none. The streams of
/// a file are results of their own, told apart by <see cref="ScanResult.Identity"/> being <see langword="null"/> where <see cref="ScanResult.OwnerIdentity"/> is not; a file is clean when all
/// of them are. They come in any order.</para>
/// <para>A scan whose summary says <see cref="ScanSummary.Cancelled"/> has not seen everything.</para>
/// </remarks>
public interface ISealSink : IScanReport;
