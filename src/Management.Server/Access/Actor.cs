namespace Symantec.Virtualization.Management.Server;

/// <summary>Who does something, as the audit log names them.</summary>
/// <param name="Name">The administrator's name, or that of a part of the manager.</param>
/// <param name="Address">From where; empty for the manager itself.</param>
public sealed record Actor(string Name, string Address = "")
{
    /// <summary>The manager itself.</summary>
    public static readonly Actor Manager = new("manager");
}
