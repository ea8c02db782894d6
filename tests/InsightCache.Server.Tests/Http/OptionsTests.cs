namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class OptionsTests
{
    [Fact]
    public void A_wrong_setting_is_named_once_with_what_is_allowed()
    {
        InsightCacheServerOptions options = new() { Memory = "much", LeaseTime = TimeSpan.Zero };
        options.Recall.Suspension = TimeSpan.MaxValue;

        Assert.Equal(
            [
                "Memory: A size such as 512MB, or a share from 1% to 99%, is needed.",
                "LeaseTime: A duration from 00:00:01 to 01:00:00 is needed.",
                "Suspension: A duration from 00:01:00 to 90.00:00:00 is needed.",
            ],
            new InsightCacheServerOptionsValidator().Validate(null, options).Failures);
    }

    [Fact]
    public void A_wrong_name_of_a_client_is_told_with_its_place_in_the_list()
    {
        AccessOptions options = new() { Clients = { RunningServer.ClientOf("a", ClientRoles.Ask, "key"), RunningServer.ClientOf("b\n", ClientRoles.Ask, "another key") } };

        Assert.Equal(
            ["Name: Up to 100 letters, digits, spaces, and . _ @ - are allowed in AccessOptions.Clients[1].Name."], new AccessOptionsValidator().Validate(null, options).Failures);
    }
}
