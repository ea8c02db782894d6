using System.Text.Json;
using System.Text.Json.Serialization;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Client;

/// <summary>Who the client is, in a file that only its owner reads; and on which machine it became that, so that a clone does not take itself for its original.</summary>
internal sealed class CredentialFile(string folder)
{
    private const int MaxLength = 16 << 10;

    private readonly string _path = Path.Combine(folder, "credentials.json");

    public KeptCredentials? Read()
    {
        if (StateFile.TryRead(_path, MaxLength) is not { } json)
        {
            return null;
        }

        try
        {
            KeptCredentials? kept = JsonSerializer.Deserialize(json, KeptJson.Default.KeptCredentials);
            return kept is { Secret.Length: > 0, HardwareId.Length: > 0 } && kept.ClientId != Guid.Empty ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Finds out whether credentials could be kept, before a token is spent on them.</summary>
    public void RequireRoom()
    {
        string probe = _path + ".room";
        StateFile.Write(probe, new byte[1024]);
        StateFile.TryDelete(probe);
    }

    public void Write(KeptCredentials credentials) => StateFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(credentials, KeptJson.Default.KeptCredentials));
}

/// <summary>What is kept of an enrolment.</summary>
internal sealed record KeptCredentials(Guid ClientId, string Secret, string HardwareId)
{
    public string Authorization => $"{Routes.Scheme} {new ClientCredentials(ClientId, Secret)}";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(KeptCredentials))]
internal sealed partial class KeptJson : JsonSerializerContext;
