using System.Runtime.ExceptionServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Says that a container's own structure makes no sense from some place on.</summary>
internal sealed class ArchiveFormatException(string message) : IOException(message);

/// <summary>Ends the unpacking of a member: a limit is reached.</summary>
internal sealed class ArchiveLimitException(string message) : IOException(message);

/// <summary>Carries a failed read of the container through unpackers, which must not take it for damage of what they unpack.</summary>
internal sealed class ContainerReadException(IOException cause) : Exception(cause.Message, cause)
{
    public void Rethrow() => ExceptionDispatchInfo.Throw(InnerException!);
}

/// <summary>Which exceptions only mean that an unpacker does not understand the bytes.</summary>
internal static class UnpackerFaults
{
    /// <summary>Unpackers of others throw whatever their code runs into when the bytes are hostile.</summary>
    public static bool Include(Exception exception) => exception is not OperationCanceledException and not ContainerReadException;
}
