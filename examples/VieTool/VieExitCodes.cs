using Symantec.Virtualization.Examples.ScanHosting;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>What the program tells its caller. The first three are those of the other hosts.</summary>
internal static class VieExitCodes
{
    /// <summary>Everything was sealed, is as it was sealed, was cleared or hashed; the volume is sealed.</summary>
    public const int Done = ExitCodes.Clean;

    /// <summary>Something is infected, differs from the seal, or the seal itself is not believed.</summary>
    public const int Found = ExitCodes.Infected;

    /// <summary>Not everything could be sealed, read or cleared, or the command could not be carried out or was ended.</summary>
    public const int Errors = ExitCodes.Errors;

    /// <summary>This is no virtual machine.</summary>
    public const int NotVirtual = 3;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 4;

    /// <summary>There is no seal.</summary>
    public const int NotSealed = 5;
}
