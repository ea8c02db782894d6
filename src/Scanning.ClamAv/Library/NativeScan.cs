using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>One scan by libclamav: what it reads, what it is told, and what it all means. For one thread.</summary>
internal sealed class NativeScan(ScanContent content, long maxFileSize, ILogger logger, CancellationToken cancellationToken) : NativeCall(logger)
{
    /// <summary>Twice the buffer by which 1.4 unpacks members (8 KiB).</summary>
    private const int UnpackBuffers = 16 << 10;

    private readonly List<string> _found = [];
    private Exception? _readFault;
    private string? _mapFault;
    private string? _limit;

    /// <summary>Gets a value indicating whether nothing that is still to be found would count.</summary>
    public bool IsOver => _readFault is not null || cancellationToken.IsCancellationRequested;

    /// <summary>Takes the name of a finding.</summary>
    public void OnFound(string name) => _found.Add(name);

    /// <inheritdoc/>
    public override void OnMessage(int severity, string message)
    {
        base.OnMessage(severity, message);

        // These come in words only, and no alert says so: the parser gives up, and the scan goes on to "clean".
        if (message.StartsWith("fmap_readpage", StringComparison.Ordinal) || message.StartsWith("pread fail", StringComparison.Ordinal))
        {
            _mapFault ??= message;
        }
        else if (message.StartsWith("cli_max_", StringComparison.Ordinal) || message.Contains("exceeds limits", StringComparison.Ordinal))
        {
            _limit ??= message;
        }
    }

    /// <summary>Is told of each layer of the content before it is scanned.</summary>
    /// <param name="descriptor">The file that the layer was unpacked to; -1, or the descriptor of this scan's own pages, where there is none.</param>
    public void OnLayer(int descriptor)
    {
        if (descriptor < 0 || descriptor == PageDescriptor.Number || OperatingSystem.IsWindows())
        {
            return;
        }

        // A member of a zip that is longer than the largest file is cut there, or one buffer before, without a word.
        using SafeFileHandle file = new(descriptor, ownsHandle: false);
        try
        {
            if (RandomAccess.GetLength(file) > maxFileSize - UnpackBuffers)
            {
                _limit ??= string.Create(CultureInfo.InvariantCulture, $"a member has {maxFileSize:N0} bytes or more, or nearly (maxFileSize)");
            }
        }
        catch (Exception e) when (e is IOException or NotSupportedException or UnauthorizedAccessException)
        {
            _mapFault ??= e.Message;
        }
    }

    /// <summary>Reads bytes of the content for libclamav.</summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="read">How many bytes there were.</param>
    /// <returns><see langword="false"/> if they cannot be read or the scan is to end.</returns>
    public bool TryRead(long offset, Span<byte> buffer, out int read)
    {
        read = 0;
        if (IsOver)
        {
            return false;
        }

        try
        {
            read = content.Read(offset, buffer);
            if (read < buffer.Length)
            {
                throw new IOException($"it has {read} of the {buffer.Length} bytes at offset {offset:N0} that its length promised");
            }

            return true;
        }
#pragma warning disable CA1031 // Whatever a content throws, it may not pass through libclamav's frames; it is thrown again behind them.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _readFault = e;
            return false;
        }
    }

    /// <summary>Says what a scan means that has ended.</summary>
    /// <param name="code">What libclamav returned.</param>
    /// <param name="name">The name that it returned.</param>
    /// <param name="library">The library, which knows its codes in words.</param>
    /// <exception cref="OperationCanceledException">The scan was to be ended.</exception>
    /// <exception cref="IOException">The content could not be read.</exception>
    public Verdict Judge(ClamAvCode code, string? name, LibClamAv library)
    {
        if (name is not null)
        {
            _found.Add(name);
        }

        // A threat that was found is one, whatever else went wrong.
        if (_found.Find(static found => !Alerts.IsIncomplete(found)) is { } threat)
        {
            return Verdict.Infected(threat);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (_readFault is not null)
        {
            throw _readFault is IOException ? _readFault : new IOException(_readFault.Message, _readFault);
        }

        if (_mapFault is not null)
        {
            return Verdict.Failed($"libclamav could not read it: {_mapFault}");
        }

        // libclamav returns "clean" to some of its own errors, such as that it cannot make its temporary folder.
        if (LastError is not null)
        {
            return Verdict.Failed($"libclamav failed: {LastError}");
        }

        return _found.Count > 0 ? Verdict.Incomplete(Alerts.Explain(_found[0]))
            : _limit is not null ? Verdict.Incomplete($"a limit of ClamAV was reached: {_limit}")
            : code switch
            {
                ClamAvCode.Clean => Verdict.Clean,
                ClamAvCode.TimedOut or ClamAvCode.TooDeep or ClamAvCode.TooLarge or ClamAvCode.TooMany or ClamAvCode.UnpackFailed
                    or ClamAvCode.Misformatted or ClamAvCode.Unparsable => Verdict.Incomplete($"libclamav stopped: {library.Describe(code)}"),
                _ => Verdict.Failed($"libclamav failed: {library.Describe(code)}"),
            };
    }
}
