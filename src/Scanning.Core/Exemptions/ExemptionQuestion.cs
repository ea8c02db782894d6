namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Asks whether a content may be skipped.</summary>
/// <param name="Content">The content.</param>
/// <param name="Hash">Its hash; <see langword="null"/> for an exemption that is asked before the content is read.</param>
public readonly record struct ExemptionQuestion(ScanContent Content, ContentHash? Hash);
