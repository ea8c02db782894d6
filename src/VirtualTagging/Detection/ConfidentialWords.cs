namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What findings say of confidential computing.</summary>
internal static class ConfidentialWords
{
    public const string Unknown = "unknown";
    public const string Vbs = "vbs";
    public const string Sev = "sev";
    public const string SevSnp = "sev-snp";
    public const string Tdx = "tdx";
    public const string Paravisor = "paravisor";

    public static ConfidentialTechnology Technology(string word) => word switch
    {
        Vbs => ConfidentialTechnology.Vbs,
        Sev => ConfidentialTechnology.Sev,
        SevSnp => ConfidentialTechnology.SevSnp,
        Tdx => ConfidentialTechnology.Tdx,
        _ => ConfidentialTechnology.Unknown,
    };
}
