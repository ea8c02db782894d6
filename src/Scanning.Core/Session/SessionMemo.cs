using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The host's memo of hashes, if it has one. Whatever goes wrong with it, nothing was remembered: it saves work and is never needed.</summary>
internal sealed class SessionMemo(IHashMemo? memo, ILogger logger)
{
    public ContentHash? Find(FileIdentity? identity)
    {
        try
        {
            return memo is not null && identity is not null && memo.TryGet(identity, out ContentHash hash) ? hash : null;
        }
        catch (Exception e)
        {
            Log.MemoFailed(logger, e);
            return null;
        }
    }

    public void Remember(FileIdentity? identity, ContentHash hash)
    {
        try
        {
            if (identity is not null)
            {
                memo?.Remember(identity, hash);
            }
        }
        catch (Exception e)
        {
            Log.MemoFailed(logger, e);
        }
    }
}
