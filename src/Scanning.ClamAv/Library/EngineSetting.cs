namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>The settings of a libclamav engine that are set or read here. Source: <c>clamav.h</c>, <c>cl_engine_field</c>.</summary>
internal enum EngineSetting
{
    MaxScanSize = 0,
    MaxFileSize = 1,
    MaxRecursion = 2,
    MaxFiles = 3,
    DefinitionsVersion = 8,
    DefinitionsTime = 9,
    TemporaryFolder = 13,
    MaxEmbeddedExecutable = 18,
    MaxHtmlNormalize = 19,
    MaxHtmlWithoutTags = 20,
    MaxScriptNormalize = 21,
    MaxZipRetype = 22,
    DisableCache = 25,
    MaxScanMilliseconds = 31,
    MaxPcreFileSize = 34,
}
