using System.Text;
using FsCheck;
using FsCheck.Xunit;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

public class LineReaderTests
{
    [Property(MaxTest = 200)]
    public void Lines_are_read_as_they_were_written(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        string[] lines = [.. Enumerable.Range(0, random.Next(200)).Select(_ => new string('x', random.Next(5) == 0 ? random.Next(20_000) : random.Next(100)))];
        string end = random.Next(2) == 0 ? "\n" : "\r\n";
        bool ended = lines.Length == 0 || lines[^1].Length == 0 || random.Next(2) == 0;
        string text = string.Join(end, lines) + (ended && lines.Length > 0 ? end : "");

        Assert.Equal(
            lines.Select(line => line.Length > LineReader.MaxLineLength ? null : line),
            ReadAll(new MemoryStream(Encoding.ASCII.GetBytes(text))));
    }

    [Fact]
    public void A_line_without_an_end_costs_no_more_memory_than_the_longest_allowed()
    {
        LineReader reader = new(new Endless());

        // The stream ends after 1 GiB of one line.
        Assert.True(reader.TryRead(out _, out bool isTooLong));
        Assert.True(isTooLong);
        Assert.False(reader.TryRead(out _, out _));
    }

    private static List<string?> ReadAll(Stream stream)
    {
        LineReader reader = new(stream);
        List<string?> lines = [];
        while (reader.TryRead(out ReadOnlySpan<byte> line, out bool isTooLong))
        {
            lines.Add(isTooLong ? null : Encoding.ASCII.GetString(line));
        }

        return lines;
    }

    private sealed class Endless : Stream
    {
        private long _left = 1 << 30;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(_left, count);
            buffer.AsSpan(offset, read).Fill((byte)'x');
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
