namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A scan that begins.</summary>
/// <param name="Sources">What is scanned.</param>
/// <param name="Trigger">Why.</param>
/// <param name="Scope">The engine, its options and the definitions at the start.</param>
/// <param name="Started">When.</param>
public sealed record ScanRun(IReadOnlyList<string> Sources, ScanTrigger Trigger, VerdictScope Scope, DateTimeOffset Started);
