using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Records as documents.</summary>
internal static class ClientMapping
{
    public static ClientSummary Summarize(ClientRecord c, GroupTree.Snapshot groups) => new()
    {
        Id = c.Id,
        Name = c.Name,
        Group = groups.PathOf(c.GroupId),
        Enrolled = c.Enrolled,
        LastSeen = c.LastSeen,
        Expires = c.Expires,
        Standing = c.Standing,
        RelatedTo = c.RelatedTo,
        State = c.State,
        StateDetail = c.StateDetail,
        AgentVersion = c.AgentVersion,
        Engine = c.Engine,
        Definitions = c.Definitions,
        DefinitionsPublished = c.DefinitionsPublished,
        PolicyTag = c.PolicyTag,
        Machine = c.Machine,
        Product = c.Product,
        Family = c.Family,
        Vendor = c.Vendor,
        Platform = c.Platform,
        HypervisorVersion = c.HypervisorVersion,
        Role = c.Role,
        Cloud = c.Cloud,
        InstanceType = c.InstanceType,
        Container = c.Container,
        Orchestrator = c.Orchestrator,
        Confidential = c.Confidential,
        Broker = c.Broker,
        Pool = c.Pool,
        MadeAs = c.MadeAs,
        Persistent = c.Persistent,
        Chain = c.Chain,
        Contradictory = c.Contradictory,
        Detections = c.Detections,
        LastDetection = c.LastDetection,
    };
}
