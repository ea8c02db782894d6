namespace Symantec.Virtualization.Management.Server;

/// <summary>A query that cannot be understood. The message says where and what is allowed.</summary>
public sealed class SearchQueryException : FormatException
{
    /// <summary>Initializes a new instance of the <see cref="SearchQueryException"/> class.</summary>
    /// <param name="position">Where, in characters from 1 on.</param>
    /// <param name="detail">What is wrong, and what is allowed.</param>
    public SearchQueryException(int position, string detail)
        : base($"at {position}: {detail}")
    {
        Position = position;
    }

    /// <summary>Gets where, in characters from 1 on.</summary>
    public int Position { get; }
}
