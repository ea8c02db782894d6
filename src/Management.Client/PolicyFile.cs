using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Client;

/// <summary>
/// The last policy, as it came: <c>policy.json</c>, which an unmanaged client would read. Its tag is beside it with the hash of the policy that it belongs to, so that a tag never stands for
/// another policy, whatever was written last before the power went.
/// </summary>
internal sealed class PolicyFile(string folder)
{
    private readonly string _policy = Path.Combine(folder, "policy.json");
    private readonly string _tag = Path.Combine(folder, "policy.tag");

    public (PolicyDocument Policy, string? Tag)? Read()
    {
        if (StateFile.TryRead(_policy, WireLimits.MaxPolicyLength) is not { } json)
        {
            return null;
        }

        try
        {
            string[] lines = Encoding.UTF8.GetString(StateFile.TryRead(_tag, 1024) ?? []).Split('\n');
            return (PolicyDocument.Parse(json), lines is [var tag, var hash, ..] && hash == ContentHash.Compute(json).ToString() ? tag : null);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(byte[] json, string tag)
    {
        StateFile.Write(_policy, json);
        StateFile.Write(_tag, Encoding.UTF8.GetBytes($"{tag}\n{ContentHash.Compute(json)}\n"));
    }
}
