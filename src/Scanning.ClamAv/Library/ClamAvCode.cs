namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>What a call of libclamav returns: those of its codes that decide something here. Source: <c>clamav.h</c>, <c>cl_error_t</c>.</summary>
internal enum ClamAvCode
{
    Clean = 0,
    Virus = 1,
    UnpackFailed = 7,
    TimedOut = 21,
    TooDeep = 23,
    TooLarge = 24,
    TooMany = 25,
    Misformatted = 26,
    Unparsable = 27,
}
