namespace Symantec.Virtualization.Management.Server;

/// <summary>What the console shows besides what the manager knows.</summary>
public sealed class ManagementConsoleOptions
{
    /// <summary>Gets or sets the address at which a Shared Insight Cache tells its figures, as <c>http://cache:9006</c>.</summary>
    /// <value>By default none: the console then only tells whether the caches that policies name can be reached.</value>
    public Uri? InsightCacheStatus { get; set; }

    /// <summary>Gets or sets how long a page waits for an answer of a cache.</summary>
    /// <value>The default value is 1.5 seconds.</value>
    public TimeSpan InsightCacheTimeout { get; set; } = TimeSpan.FromSeconds(1.5);
}
