using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>The other half of <see cref="LibClamAvWorkerEngine"/>: what a host runs in its worker process.</summary>
/// <remarks>
/// The worker needs no access to images or files under scan: it asks the host for each piece that libclamav wants. A host gives it as few rights as it can.
/// </remarks>
public static class ClamAvWorker
{
    /// <summary>Scans what the host sends, until it ends. Nothing else may be written to the output.</summary>
    /// <param name="input">What the host sends: the standard input of the worker.</param>
    /// <param name="output">What goes back: its standard output.</param>
    /// <param name="options">How to scan.</param>
    /// <param name="logger">Where messages of the library go; not to the standard output.</param>
    /// <exception cref="ClamAvException">The library or the definitions cannot be used; the host was told.</exception>
    public static void Run(Stream input, Stream output, LibClamAvOptions? options = null, ILogger<LibClamAvEngine>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        WorkerChannel channel = new(input, output);
        using LibClamAvEngine engine = Start(channel, options, logger);
        channel.Send(WorkerFrameKind.Ready, writer =>
        {
            writer.Write(engine.Profile.Digest);
            WorkerChannel.Write(writer, engine.Definitions);
        });
        try
        {
            while (true)
            {
                WorkerFrameKind kind = channel.Receive(out ReadOnlyMemory<byte> payload);
                if (kind != WorkerFrameKind.Scan)
                {
                    throw new InvalidDataException($"the host sent a frame {kind} instead of a scan");
                }

                Scan(channel, engine, WorkerChannel.Parse(payload, static reader => reader.ReadInt64()));
            }
        }
        catch (EndOfStreamException)
        {
            // The host has no more to scan, or is gone.
        }
    }

    private static LibClamAvEngine Start(WorkerChannel channel, LibClamAvOptions? options, ILogger<LibClamAvEngine>? logger)
    {
        try
        {
            return new LibClamAvEngine(options, logger);
        }
        catch (ClamAvException e)
        {
            channel.Send(WorkerFrameKind.NotReady, writer => writer.Write(e.Message));
            throw;
        }
    }

    private static void Scan(WorkerChannel channel, LibClamAvEngine engine, long length)
    {
        using HostContent content = new(channel, length);
        EngineVerdict verdict;
        try
        {
            verdict = engine.Scan(content, hash: null, CancellationToken.None);
        }
        catch (IOException e) when (e is not EndOfStreamException)
        {
            // The host knows better why, and throws that.
            verdict = new EngineVerdict(Verdict.Failed("it could not be read"), engine.Definitions);
        }

        channel.Send(WorkerFrameKind.Verdict, writer =>
        {
            WorkerChannel.Write(writer, verdict.Verdict);
            WorkerChannel.Write(writer, verdict.Definitions);
        });
    }

    /// <summary>A content that the host has. Pages are asked for many at a time, as libclamav wants them one by one.</summary>
    private sealed class HostContent(WorkerChannel channel, long length) : ScanContent
    {
        private readonly byte[] _window = new byte[WorkerChannel.MaxRead];
        private long _windowAt;
        private int _windowLength;

        public override string Location => "";

        public override long Length => length;

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            while (buffer.Length > 0)
            {
                if (offset < _windowAt || offset >= _windowAt + _windowLength)
                {
                    Ask(offset);
                }

                int at = (int)(offset - _windowAt);
                int count = Math.Min(buffer.Length, _windowLength - at);
                _window.AsSpan(at, count).CopyTo(buffer);
                buffer = buffer[count..];
                offset += count;
            }
        }

        private void Ask(long offset)
        {
            int count = (int)Math.Min(_window.Length, length - offset);
            _windowLength = 0;
            channel.Send(WorkerFrameKind.Read, writer =>
            {
                writer.Write(offset);
                writer.Write(count);
            });
            if (channel.Receive(out ReadOnlyMemory<byte> payload) != WorkerFrameKind.Bytes || payload.Length != count)
            {
                throw new IOException("the host could not read it");
            }

            payload.CopyTo(_window);
            (_windowAt, _windowLength) = (offset, count);
        }
    }
}
