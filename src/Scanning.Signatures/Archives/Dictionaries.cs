namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Sizes of dictionaries, for which unpackers allocate what a header says.</summary>
internal static class Dictionaries
{
    /// <exception cref="NotSupportedException">The dictionary is larger than the limits allow.</exception>
    public static void Check(ArchiveLimits limits, long size)
    {
        if (size > limits.MaxDictionary)
        {
            throw new NotSupportedException($"needs a dictionary of {size:N0} bytes, {limits.MaxDictionary:N0} are allowed");
        }
    }
}
