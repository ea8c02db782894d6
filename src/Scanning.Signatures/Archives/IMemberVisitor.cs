using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Takes the members of a container.</summary>
internal interface IMemberVisitor
{
    /// <summary>Takes one member.</summary>
    /// <param name="container">What the container is.</param>
    /// <param name="member">What the container says of the member.</param>
    /// <param name="content">The member's bytes, which are gone after the call. All there is of a member that could not be unpacked to its end.</param>
    /// <returns><see langword="false"/> to see no more members.</returns>
    bool Visit(FileType container, MemberInfo member, ScanContent content);

    /// <summary>Says that something in the container could not be looked at, so that it cannot be called clean.</summary>
    /// <param name="why">What, and why. It may hold hostile names.</param>
    void Incomplete(string why);
}
