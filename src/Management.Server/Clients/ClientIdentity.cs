using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <summary>A client that has shown its secret.</summary>
internal sealed record ClientIdentity(ClientRecord Record)
{
    public Guid Id => Record.Id;

    public string Name => Record.Name;

    public int GroupId => Record.GroupId;
}
