namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Within what a remembered verdict holds: one engine, one profile, one set of definitions.</summary>
/// <param name="Engine">The engine's name.</param>
/// <param name="Profile">The options that can change a verdict.</param>
/// <param name="Definitions">The definitions.</param>
public sealed record VerdictScope(string Engine, ScanProfile Profile, DefinitionSet Definitions);
