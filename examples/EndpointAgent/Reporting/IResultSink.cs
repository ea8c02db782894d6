using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Takes what is to be reported. An unmanaged agent has nobody to report to, and its log.</summary>
internal interface IResultSink
{
    void Report(ResultBatch batch);
}

/// <summary>Reports to nobody.</summary>
internal sealed class NoManager : IResultSink
{
    public void Report(ResultBatch batch)
    {
    }
}
