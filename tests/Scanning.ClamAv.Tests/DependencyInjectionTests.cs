using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

public class DependencyInjectionTests
{
    [Fact]
    public void A_host_gets_libclamav_as_its_engine_with_the_options_it_set()
    {
        Peer.Require("clamscan");
        using TestDefinitions definitions = new();
        using ServiceProvider provider = new ServiceCollection().AddLibClamAvEngine(options => options.DatabasePath = definitions.Folder).BuildServiceProvider();

        IScanEngine engine = provider.GetRequiredService<IScanEngine>();

        Assert.Same(engine, provider.GetRequiredService<IScanEngine>());
        Assert.Equal(("libclamav", definitions.Folder), (engine.Name, engine.Definitions.Source));
    }

    [Fact]
    public void A_host_gets_clamd_as_its_engine_with_the_options_it_set()
    {
        using ScriptedClamd clamd = new(static (_, _, _) => "#: ClamAV 1.4.6/27000/Thu Aug 20 14:50:41 2015\0");
        using ServiceProvider provider = new ServiceCollection()
            .AddClamdEngine(options => (options.EndPoint, options.TrustSilentLimits) = (clamd.EndPoint, true))
            .BuildServiceProvider();

        IScanEngine engine = provider.GetRequiredService<IScanEngine>();

        Assert.Equal(("clamd", 27000), (engine.Name, engine.Definitions.Sequence));
    }

    [Fact]
    public void An_option_out_of_its_range_is_named()
    {
        Assert.Contains("MaxRecursion", Assert.Throws<ArgumentOutOfRangeException>(static () => new LibClamAvEngine(new() { MaxRecursion = 101 })).Message, StringComparison.Ordinal);
        Assert.Contains("MaxFileSize", Assert.Throws<ArgumentOutOfRangeException>(static () => new LibClamAvEngine(new() { MaxFileSize = 1L << 31 })).Message, StringComparison.Ordinal);
        Assert.Contains("MaxAttempts", Assert.Throws<ArgumentOutOfRangeException>(static () => new ClamdEngine(new() { MaxAttempts = 0 })).Message, StringComparison.Ordinal);
    }
}
