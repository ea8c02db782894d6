namespace Symantec.Virtualization.Scanning.Core;

/// <summary>What a cancellation is that nobody asked for: a failure. A task that ends as cancelled would look like the end of a scan that somebody ended.</summary>
internal static class UnaskedCancellation
{
    /// <summary>Makes any exception one that fails a task.</summary>
    public static Exception Failure(Exception e) => e is OperationCanceledException
        ? new InvalidOperationException($"A part of the scan was cancelled, and nobody had ended the scan: {e.Message}", e)
        : e;
}
