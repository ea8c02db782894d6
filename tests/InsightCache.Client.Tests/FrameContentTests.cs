using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

public class FrameContentTests
{
    public static TheoryData<int> Batches => [1, 125, 249, 250, 251, 256, 343, 344, 345, 593, 594, 1024, 4096];

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task Over_TLS_a_frame_arrives_whole_in_pieces_that_leave_a_servers_connection_small(int contents)
    {
        ContentHash[] hashes = [.. Enumerable.Range(0, contents).Select(static i => ContentHash.Compute(BitConverter.GetBytes(i)))];
        ScopeName scope = new(default, default);
        byte[] frame = LookupFrame.Write(scope.Lane, scope.Definitions, hashes, wantsLeases: true);

        using LookupContent content = new(scope, hashes, wantsLeases: true, isSecret: true);
        using PieceStream pieces = new();
        await content.CopyToAsync(pieces, TestContext.Current.CancellationToken);

        Assert.Equal(frame, pieces.ToArray());
        Assert.Equal(frame.Length, content.Headers.ContentLength);
        Assert.InRange(pieces.Lengths[0], 1, 11_000);
        Assert.All(pieces.Lengths.Skip(1), static length => Assert.InRange(length, 1, 8_000));
    }

    [Fact]
    public async Task Without_TLS_a_frame_is_one_piece()
    {
        ContentHash[] hashes = new ContentHash[Routes.MaxBatch];
        using LookupContent content = new(new ScopeName(default, default), hashes, wantsLeases: false, isSecret: false);
        using PieceStream pieces = new();
        await content.CopyToAsync(pieces, TestContext.Current.CancellationToken);

        Assert.Equal([LookupFrame.FrameLength(Routes.MaxBatch)], pieces.Lengths);
    }

    private sealed class PieceStream : MemoryStream
    {
        public List<int> Lengths { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Lengths.Add(buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
