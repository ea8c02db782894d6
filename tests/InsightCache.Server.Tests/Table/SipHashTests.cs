using System.Runtime.Intrinsics;
using FsCheck.Xunit;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

public sealed class SipHashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Property(MaxTest = 40)]
    public unsafe void A_hash_is_what_OpenSSL_makes_of_the_same_bytes(ulong low, ulong high, int seed)
    {
        Peer.Require("openssl");
        byte[] bytes = new byte[32];
        new Random(seed).NextBytes(bytes);
        File.WriteAllBytes(_folder["bytes"], bytes);
        byte[] key = [.. BitConverter.GetBytes(low), .. BitConverter.GetBytes(high)];
        string expected = Peer.Run("openssl", "mac", "-macopt", $"hexkey:{Convert.ToHexString(key)}", "-macopt", "size:16", "-in", _folder["bytes"], "SIPHASH").Trim();
        byte[] hash = new byte[16];

        fixed (byte* start = bytes)
        {
            SipHash128.Of32Bytes((low, high), start).AsByte().CopyTo(hash);
        }

        Assert.Equal(expected, Convert.ToHexString(hash));
    }

    public void Dispose() => _folder.Dispose();
}
