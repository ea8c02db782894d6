using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Runs work on threads whose stacks are large enough for libclamav, one for each caller that is inside at once. Safe for concurrent use.</summary>
/// <remarks>
/// libclamav's parsers call one another for containers in containers, and its authors ask for 8 MiB. A caller's stack may be 1.5 MiB, which is what .NET gives a
/// thread by default on some systems, and running over its end ends the process. A stack takes memory only as far as it was used.
/// </remarks>
internal sealed class ScanThreads : IDisposable
{
    private const int StackSize = 16 << 20;

    private readonly ConcurrentStack<Worker> _idle = new();
    private volatile bool _disposed;

    /// <summary>Runs work on a thread of the pool and waits for it. What the work throws, this throws.</summary>
    public void Run(Action work)
    {
        Worker worker = _idle.TryPop(out Worker? idle) ? idle : new Worker();
        Exception? fault = worker.Run(work);
        if (_disposed)
        {
            worker.Dispose();
        }
        else
        {
            _idle.Push(worker);
        }

        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    /// <summary>Ends the idle threads; the others end with their work.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out Worker? worker))
        {
            worker.Dispose();
        }
    }

    private sealed class Worker : IDisposable
    {
        // These do not spin before they wait, which would count as time of the scan.
        private readonly AutoResetEvent _begin = new(false);
        private readonly AutoResetEvent _end = new(false);

        private Action? _work;
        private Exception? _fault;

        public Worker() => new Thread(Loop, StackSize) { IsBackground = true, Name = "libclamav" }.Start();

        public Exception? Run(Action work)
        {
            _work = work;
            _begin.Set();
            _end.WaitOne();
            return _fault;
        }

        /// <summary>Ends the thread, which is idle.</summary>
        public void Dispose()
        {
            _work = null;
            _begin.Set();
        }

        private void Loop()
        {
            for (_begin.WaitOne(); _work is { } work; _begin.WaitOne())
            {
                _fault = null;
                try
                {
                    work();
                }
#pragma warning disable CA1031 // It is thrown again on the caller's thread.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    _fault = e;
                }

                _end.Set();
            }

            _begin.Dispose();
            _end.Dispose();
        }
    }
}
