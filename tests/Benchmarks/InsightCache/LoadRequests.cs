using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Benchmarks.InsightCache;

/// <summary>What a load asks of a server, ready to be sent: each protocol asks the same contents.</summary>
internal static class LoadRequests
{
    public const string ApiKey = "benchmark";

    /// <summary>Gets the lane and the definitions of all loads.</summary>
    public static DefinitionsDocument Definitions { get; } = new() { Engine = "clamav", Version = "1", Sequence = 1, Digest = ContentHash.Compute("1"u8) };

    private static LaneId Lane { get; } = LaneId.Of("clamav", "");

    private static DefinitionsStamp Stamp => DefinitionsStamp.Of(Definitions.Sequence, Definitions.Digest);

    /// <summary>Makes a request about some contents.</summary>
    public static byte[] Ask(string protocol, int[] contents) => protocol switch
    {
        "frame" or "raw" => Frame(contents, protocol == "raw"),
        "json" => Post("/v1/lookups", "application/json", Json(contents)),
        "get" => Text($"GET /v1/files/{Hash(contents[0])} HTTP/1.1\r\nHost: a\r\n{Routes.ApiKeyHeader}: {ApiKey}\r\n\r\n"),
        "mget" => Resp(["MGET"], contents, withValue: false),
        "memcached" => Text("get " + string.Join(' ', contents.Select(static content => Convert.ToBase64String(Key(content)))) + "\r\n"),
        _ => throw new ArgumentException($"There is no protocol \"{protocol}\"."),
    };

    /// <summary>Makes a request that adds some contents.</summary>
    public static byte[] Add(string protocol, int[] contents) => protocol switch
    {
        "mget" => Resp(["MSET"], contents, withValue: true),
        "memcached" => Text(string.Concat(contents.Select(static content => $"set {Convert.ToBase64String(Key(content))} 0 0 8\r\n12345678\r\n"))),
        _ => Post("/v1/votes", Routes.FrameMediaType, VoteFrame.Write(Lane, Stamp, [.. contents.Select(static content => new Vote(new ContentHash(Key(content)), VoteVerdict.Clean))])),
    };

    public static byte[] Post(string path, string type, byte[] body, string method = "POST")
        => [.. Text(string.Create(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: a\r\n{Routes.ApiKeyHeader}: {ApiKey}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n")), .. body];

    private static byte[] Frame(int[] contents, bool raw)
    {
        byte[] frame = LookupFrame.Write(Lane, Stamp, [.. contents.Select(static content => new ContentHash(Key(content)))], wantsLeases: false);
        return raw ? frame : Post("/v1/lookups", Routes.FrameMediaType, frame);
    }

    private static byte[] Json(int[] contents) => Text(
        $$"""{"scope":{"engine":"clamav","sequence":1,"digest":"{{Definitions.Digest}}"},"hashes":["{{string.Join("\",\"", contents.Select(Hash))}}"]}""");

    private static byte[] Resp(string[] command, int[] contents, bool withValue)
    {
        using MemoryStream request = new();
        request.Write(Text(string.Create(CultureInfo.InvariantCulture, $"*{command.Length + (contents.Length * (withValue ? 2 : 1))}\r\n${command[0].Length}\r\n{command[0]}\r\n")));
        foreach (int content in contents)
        {
            request.Write("$32\r\n"u8);
            request.Write(Key(content));
            request.Write(withValue ? "\r\n$8\r\n12345678\r\n"u8 : "\r\n"u8);
        }

        return request.ToArray();
    }

    private static byte[] Key(int content)
    {
        VerdictKey key = VerdictKey.Of(content);
        return MemoryMarshal.AsBytes(new ReadOnlySpan<VerdictKey>(in key)).ToArray();
    }

    private static string Hash(int content) => Convert.ToHexStringLower(Key(content));

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);
}
