using System.Text.Json;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Choices as the words that reports and searches use.</summary>
internal static class TagWords
{
    public static string Of<T>(T choice)
        where T : struct, Enum
        => JsonNamingPolicy.KebabCaseLower.ConvertName(choice.ToString());
}
