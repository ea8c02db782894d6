using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>Names a lane on the wire: an engine with a scan profile. Verdicts of one lane say nothing in another. The tenant is not part of it: the server knows it from the credentials.</summary>
/// <param name="Value">The first 8 bytes of the SHA-256 over the lengths and the UTF-8 of both names, little-endian.</param>
public readonly record struct LaneId(ulong Value)
{
    /// <summary>The longest name of an engine or a profile, in bytes of UTF-8.</summary>
    public const int MaxName = 128;

    /// <summary>Makes the name of a lane.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="profile">The digest of the scan options; empty where there are none.</param>
    /// <returns>The lane.</returns>
    /// <exception cref="ArgumentException">A name is too long, or there is no engine.</exception>
    public static LaneId Of(string engine, string profile)
    {
        ArgumentException.ThrowIfNullOrEmpty(engine);
        ArgumentNullException.ThrowIfNull(profile);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, engine, nameof(engine));
        Append(hash, profile, nameof(profile));
        return new LaneId(BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset()));
    }

    /// <summary>Makes the name of the lane of a scope.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The lane.</returns>
    public static LaneId Of(VerdictScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Of(scope.Engine, scope.Profile.Digest);
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    private static void Append(IncrementalHash hash, string name, string argument)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length > MaxName)
        {
            throw new ArgumentException($"A name of {bytes.Length} bytes is longer than {MaxName}.", argument);
        }

        // The length in front, so that no two pairs of names are the same bytes.
        hash.AppendData([(byte)bytes.Length]);
        hash.AppendData(bytes);
    }
}
