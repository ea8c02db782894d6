using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Serilog;

namespace Symantec.Virtualization.Examples.ServiceHosting;

/// <summary>A log file that is begun anew when it is full.</summary>
public sealed class LogFileOptions
{
    /// <summary>Gets or sets the file; nothing is written to one if <see langword="null"/>.</summary>
    public string? Path { get; set; }

    /// <summary>Gets or sets the size in bytes at which it is begun anew.</summary>
    [Range(1000, long.MaxValue)]
    public long MaxSize { get; set; } = 10_000_000;

    /// <summary>Gets or sets how many full ones are kept.</summary>
    [Range(0, 1000)]
    public int Backups { get; set; } = 5;

    /// <summary>Has a log written to the standard output, and to the file; levels are those of the section <c>Serilog</c>.</summary>
    public void Configure(LoggerConfiguration logger, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(logger);
        logger.ReadFrom.Configuration(configuration).WriteTo.Console(formatProvider: CultureInfo.InvariantCulture);
        if (Path is { } path)
        {
            logger.WriteTo.File(path, formatProvider: CultureInfo.InvariantCulture, fileSizeLimitBytes: MaxSize, rollOnFileSizeLimit: true, retainedFileCountLimit: Backups + 1);
        }
    }
}
