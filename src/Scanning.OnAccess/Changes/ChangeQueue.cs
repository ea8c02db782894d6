using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>
/// Changes that wait to be read, up to a bound. When there are more, one overflow takes the place of them all: whoever reads it checks everything, so what waited
/// says nothing more. Safe for concurrent use.
/// </summary>
internal sealed class ChangeQueue(int capacity, ILogger logger)
{
    private readonly Lock _writing = new();

    private readonly Channel<FileChange> _changes = Channel.CreateBounded<FileChange>(new BoundedChannelOptions(capacity)
    {
        FullMode = BoundedChannelFullMode.Wait,
        AllowSynchronousContinuations = false,
    });

    private bool _isEnded;

    /// <summary>Adds a change, unless the queue has ended.</summary>
    public void Write(FileChange change)
    {
        lock (_writing)
        {
            if (_isEnded)
            {
                return;
            }

            if (change.Kind == FileChangeKind.Overflow || !_changes.Writer.TryWrite(change))
            {
                Collapse();
            }
        }
    }

    /// <summary>Ends the queue; what waits is still read.</summary>
    /// <param name="error">Why, if not because the source was disposed.</param>
    public void End(Exception? error = null)
    {
        lock (_writing)
        {
            _isEnded = true;
            _changes.Writer.TryComplete(error);
        }
    }

    /// <summary>Reads what waits and what comes.</summary>
    public IAsyncEnumerable<FileChange> ReadAllAsync(CancellationToken cancellationToken) => _changes.Reader.ReadAllAsync(cancellationToken);

    private void Collapse()
    {
        while (_changes.Reader.TryRead(out _))
        {
        }

        _changes.Writer.TryWrite(FileChange.Overflow);
        Log.ChangesLost(logger, capacity);
    }
}
