namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Small values that a file system keeps with a file, by name: extended attributes of Linux (namespace <c>user</c>), alternate data streams of NTFS.</summary>
/// <remarks>
/// The two are the same thing on disk where ntfs-3g writes NTFS: the attribute <c>user.x</c> is the stream <c>x</c>. Whoever may write the file may write its attributes, so what they
/// say is believed only as far as something signed agrees.
/// </remarks>
public interface IFileAttributes
{
    /// <summary>Reads a value.</summary>
    /// <param name="name">The name, without a namespace.</param>
    /// <param name="buffer">Where the value goes.</param>
    /// <returns>The value's length; -1 if there is none of that name, or it is longer than the buffer.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    int Read(string name, Span<byte> buffer);

    /// <summary>Writes a value in place of the one of that name, if there is one.</summary>
    /// <param name="name">The name, without a namespace.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="NotSupportedException">The file system keeps no attributes, or the content cannot be written.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    void Write(string name, ReadOnlySpan<byte> value);

    /// <summary>Removes a value.</summary>
    /// <param name="name">The name, without a namespace.</param>
    /// <returns><see langword="false"/> if there was none.</returns>
    /// <exception cref="NotSupportedException">The content cannot be written.</exception>
    /// <exception cref="IOException">It cannot be removed.</exception>
    bool Remove(string name);
}
