using System.Diagnostics;
using System.Globalization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>One worker, seen from the host. For one thread at a time.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;
    private readonly WorkerChannel _channel;
    private readonly byte[] _window = new byte[WorkerChannel.MaxRead];

    private WorkerProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        _channel = new WorkerChannel(process.StandardOutput.BaseStream, process.StandardInput.BaseStream);
    }

    /// <summary>Gets the process's number.</summary>
    public int Id { get; }

    /// <summary>Gets a value indicating whether the worker has not ended, as far as is known.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>Gets the profile of the worker's engine.</summary>
    public ScanProfile Profile { get; private set; }

    /// <summary>Gets the definitions that the worker began with.</summary>
    public DefinitionSet? Definitions { get; private set; }

    /// <summary>Starts a worker and waits until it has loaded its definitions.</summary>
    /// <exception cref="ClamAvException">It cannot be started, or cannot use ClamAV.</exception>
    /// <exception cref="OperationCanceledException">The scan was ended.</exception>
    public static WorkerProcess Start(LibClamAvWorkerOptions options, CancellationToken cancellationToken)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(options.FileName, options.Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new ClamAvException($"the worker {options.FileName} cannot be started: {e.Message}", e);
        }

        WorkerProcess worker = new(process);
        try
        {
            worker.WithinTime(options.StartTimeout, worker.Greet, cancellationToken);
            return worker;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            worker.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClamAvException($"the worker {options.FileName} ended before it was ready, or is none: {e.Message}", e);
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    /// <summary>Scans a content.</summary>
    /// <exception cref="IOException">The content cannot be read, or the worker ended.</exception>
    /// <exception cref="InvalidDataException">The worker sent what it should not.</exception>
    /// <exception cref="OperationCanceledException">The scan was ended, and the worker with it.</exception>
    public (EngineVerdict Verdict, Exception? ReadFault) Scan(ScanContent content, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long length = content.Length;
        EngineVerdict verdict = default;
        Exception? readFault = null;
        WithinTime(timeout, Talk, cancellationToken);
        return (verdict, readFault);

        void Talk()
        {
            _channel.Send(WorkerFrameKind.Scan, writer => writer.Write(length));
            while (true)
            {
                WorkerFrameKind kind = _channel.Receive(out ReadOnlyMemory<byte> payload);
                if (kind == WorkerFrameKind.Verdict)
                {
                    verdict = WorkerChannel.Parse(payload, static reader => new EngineVerdict(WorkerChannel.ReadVerdict(reader), WorkerChannel.ReadDefinitions(reader)));
                    return;
                }

                Answer(content, length, kind, payload, ref readFault);
            }
        }
    }

    /// <summary>Ends the worker.</summary>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Greet()
    {
        WorkerFrameKind kind = _channel.Receive(out ReadOnlyMemory<byte> payload);
        if (kind == WorkerFrameKind.NotReady)
        {
            throw new ClamAvException(WorkerChannel.Parse(payload, static reader => reader.ReadString()));
        }

        (Profile, Definitions) = kind == WorkerFrameKind.Ready
            ? WorkerChannel.Parse(payload, static reader => (new ScanProfile(reader.ReadString()), WorkerChannel.ReadDefinitions(reader)))
            : throw new InvalidDataException($"a frame {kind} came instead of a greeting");
    }

    private void Answer(ScanContent content, long length, WorkerFrameKind kind, ReadOnlyMemory<byte> payload, ref Exception? readFault)
    {
        (long offset, int count) = kind == WorkerFrameKind.Read
            ? WorkerChannel.Parse(payload, static reader => (reader.ReadInt64(), reader.ReadInt32()))
            : throw new InvalidDataException($"a frame {kind} came in the middle of a scan");
        if (count is < 1 or > WorkerChannel.MaxRead || offset < 0 || offset > length - count)
        {
            throw new InvalidDataException($"{count} bytes at offset {offset} were asked for of {length}");
        }

        try
        {
            // A content that failed once is not asked again, as libclamav would do in other places.
            if (readFault is null && content.Read(offset, _window.AsSpan(0, count)) < count)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it became shorter than {length:N0} bytes while it was read"));
            }
        }
#pragma warning disable CA1031 // The worker is told that there are no bytes; what the content threw is thrown again when it has ended the scan.
        catch (Exception e)
#pragma warning restore CA1031
        {
            readFault = e;
        }

        if (readFault is null)
        {
            _channel.Send(WorkerFrameKind.Bytes, _window.AsSpan(0, count));
        }
        else
        {
            _channel.Send(WorkerFrameKind.ReadFailed, []);
        }
    }

    /// <summary>Does something that waits for the worker, and ends the worker if that takes too long or is to end.</summary>
    private void WithinTime(TimeSpan timeout, Action talk, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(timeout);
        using CancellationTokenRegistration end = over.Token.UnsafeRegister(static worker => ((WorkerProcess)worker!).Kill(), this);
        try
        {
            talk();
        }
        catch (Exception e) when (over.IsCancellationRequested && e is not ClamAvException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it did not end within {timeout.TotalSeconds:0.###} s"), e);
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            // It has ended already.
        }
    }
}
