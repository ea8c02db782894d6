using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.OfflineImageScanner.Tests;

public class DependencyInjectionTests
{
    [Fact]
    public void A_host_gets_a_scanner_with_its_options()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IScanEngine>(new SignatureEngine(SignatureDatabase.Embedded))
            .AddOfflineImageScanner(options => options.MaxExpansion = 3)
            .BuildServiceProvider();

        Assert.NotNull(services.GetRequiredService<OfflineScanner>());
        Assert.Equal(3, services.GetRequiredService<IOptions<OfflineScannerOptions>>().Value.MaxExpansion);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void An_option_out_of_its_range_is_refused_without_a_host_too(int expansion)
    {
        OfflineScannerOptions options = new() { MaxExpansion = expansion };

        Assert.Contains(
            "MaxExpansion takes a number from 1 to 1000",
            Assert.Throws<ArgumentOutOfRangeException>(() => new OfflineScanner(new SignatureEngine(SignatureDatabase.Embedded), options)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new OfflineImageSource("disk.raw", options));
    }

    [Fact]
    public void An_option_out_of_its_range_is_refused_by_name()
    {
        using ServiceProvider services = new ServiceCollection().AddOfflineImageScanner(options => options.MaxExpansion = 0).BuildServiceProvider();

        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<OfflineScannerOptions>>().Value);

        Assert.Contains("MaxExpansion must be between 1 and 1000", e.Message, StringComparison.Ordinal);
    }
}
