namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a content is.</summary>
/// <param name="Name">ClamAV's name, such as <c>CL_TYPE_ZIP</c>: logical signatures name the types of containers by it.</param>
/// <param name="Target">The kind of signatures that look at such a content, besides those for any content.</param>
internal sealed record FileType(string Name, ContentTarget Target)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
