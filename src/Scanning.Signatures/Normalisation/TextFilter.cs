namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Normalises text: letters become small, any run of white space one space, and what is neither ASCII nor white space is dropped.</summary>
/// <remarks>These are the rules of ClamAV's text signatures (target 7). DEL stays.</remarks>
internal sealed class TextFilter(NormalisedOutput output) : IByteFilter
{
    private bool _endsInSpace;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (Ascii.IsSpace(value))
            {
                // Dropped characters do not part a run.
                if (!_endsInSpace)
                {
                    output.Write((byte)' ');
                }

                _endsInSpace = true;
            }
            else if (value is > 0x20 and < 0x80)
            {
                output.Write(Ascii.ToLower(value));
                _endsInSpace = false;
            }
        }
    }

    public void Complete()
    {
    }
}
