using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>What is said of definitions.</summary>
internal static class DefinitionFacts
{
    public static IEnumerable<Fact> Of(DefinitionSet? definitions) => definitions is null
        ? []
        : [
            new("definitions", "Definitions", definitions.Version),
            new("definitionsPublished", "published", definitions.Published),
            new("signatures", "Signatures", definitions.SignatureCount),
        ];
}
