namespace Symantec.Virtualization.VirtualTagging;

/// <summary>A cloud that is known.</summary>
/// <param name="Id">Its word here.</param>
/// <param name="Name">Its name as people know it.</param>
public sealed record CloudProvider(string Id, string Name)
{
    /// <summary>Gets OpenTelemetry's value of <c>cloud.provider</c>, or <see langword="null"/> where it has none.</summary>
    public string? TelemetryProvider { get; init; }

    /// <summary>Gets OpenTelemetry's value of <c>cloud.platform</c>, or <see langword="null"/> where it has none.</summary>
    public string? TelemetryPlatform { get; init; }

    /// <summary>Gets the software that it is made with, if the sign of this cloud tells.</summary>
    public string? Platform { get; init; }
}

/// <summary>The clouds that are known.</summary>
/// <remarks>OpenTelemetry's values are those of its semantic conventions, "Cloud resource attributes".</remarks>
public static class Clouds
{
    private static readonly CloudProvider[] Table =
    [
        new("aws", "Amazon Web Services") { TelemetryProvider = "aws", TelemetryPlatform = "aws_ec2" },
        new("azure", "Microsoft Azure") { TelemetryProvider = "azure", TelemetryPlatform = "azure.vm" },
        new("gcp", "Google Cloud") { TelemetryProvider = "gcp", TelemetryPlatform = "gcp_compute_engine" },
        new("oracle", "Oracle Cloud") { TelemetryProvider = "oracle_cloud", TelemetryPlatform = "oracle_cloud_compute" },
        new("alibaba", "Alibaba Cloud") { TelemetryProvider = "alibaba_cloud", TelemetryPlatform = "alibaba_cloud_ecs" },
        new("tencent", "Tencent Cloud") { TelemetryProvider = "tencent_cloud", TelemetryPlatform = "tencent_cloud_cvm" },
        new("openstack", "OpenStack") { Platform = "openstack" },
        new("open-telekom-cloud", "Open Telekom Cloud") { Platform = "openstack" },
        new("huawei", "Huawei Cloud") { Platform = "openstack" },
        new("sap-ccloud", "SAP Converged Cloud") { Platform = "openstack" },
        new("samsung", "Samsung Cloud Platform") { Platform = "openstack" },
        new("zstack", "ZStack"),
        new("digitalocean", "DigitalOcean"),
        new("vultr", "Vultr"),
        new("linode", "Akamai (Linode)"),
        new("scaleway", "Scaleway"),
        new("upcloud", "UpCloud"),
        new("hetzner", "Hetzner Cloud"),
        new("nwcs", "NWCS"),
        new("tilaa", "Tilaa"),
        new("e24cloud", "e24cloud"),
        new("yandex", "Yandex Cloud"),
        new("cloudstack", "Apache CloudStack") { Platform = "cloudstack" },
        new("exoscale", "Exoscale"),
        new("cloudsigma", "CloudSigma"),
        new("cloudcix", "CloudCIX"),
        new("outscale", "3DS Outscale"),
        new("smartos", "SmartOS"),
        new("brightbox", "Brightbox"),
    ];

    private static readonly Dictionary<string, CloudProvider> ById = Table.ToDictionary(static cloud => cloud.Id, StringComparer.Ordinal);

    /// <summary>Gets all of them.</summary>
    public static IReadOnlyList<CloudProvider> All => Table;

    /// <summary>Gets a cloud.</summary>
    /// <param name="id">Its word.</param>
    /// <returns>The cloud, or <see langword="null"/> if the word is not known.</returns>
    public static CloudProvider? Find(string id) => ById.GetValueOrDefault(id);
}
