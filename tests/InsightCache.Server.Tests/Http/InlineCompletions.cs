using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

/// <summary>The runtime reads at the first socket of the process how it is to answer, whichever test that is.</summary>
internal static class InlineCompletions
{
    [ModuleInitializer]
    internal static void Choose() => Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
}
