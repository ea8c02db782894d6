namespace Symantec.Virtualization.DiskImages;

/// <summary>Opens the files that an image names: the rule that keeps a hostile image from making its reader open any file of the host.</summary>
/// <remarks>Implementations are safe for concurrent use.</remarks>
public interface IImageFiles
{
    /// <summary>Opens a file that an image names.</summary>
    /// <param name="name">The name as it stands in the image; hostile until checked.</param>
    /// <param name="origin">The structure that holds the name, and where, for the fault.</param>
    /// <returns>The open file; the caller owns it.</returns>
    /// <exception cref="ImageFormatException">
    /// The name is not allowed (<see cref="ImageFaultKind.Refused"/>) or the file is not there (<see cref="ImageFaultKind.Missing"/>).
    /// </exception>
    /// <exception cref="IOException">The host could not open the file.</exception>
    ByteSource Open(string name, ImageFault origin);
}
