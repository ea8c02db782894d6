using System.Globalization;
using Spectre.Console;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>What a program shows: on a terminal with its progress, elsewhere plain lines.</summary>
public sealed class Screen
{
    private const int LongestCurrent = 60;

    private readonly bool _isLive;
    private ProgressTask? _task;

    public Screen(IAnsiConsole console)
    {
        ArgumentNullException.ThrowIfNull(console);
        Console = console;
        _isLive = console.Profile.Capabilities.Interactive && !System.Console.IsOutputRedirected;
    }

    public IAnsiConsole Console { get; }

    /// <summary>Makes the screen of the program.</summary>
    /// <param name="quiet">Whether nothing is to be shown.</param>
    public static Screen Of(bool quiet)
    {
        if (quiet)
        {
            return new Screen(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }));
        }

        if (System.Console.IsOutputRedirected)
        {
            // Whoever reads lines wants them whole: the longest path of Windows, and what is said of it.
            AnsiConsole.Console.Profile.Width = 40_000;
        }

        return new Screen(AnsiConsole.Console);
    }

    /// <summary>Says a size.</summary>
    public static string Size(double size)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        int unit = 0;
        while (size >= 1024 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? size.ToString("N0", CultureInfo.InvariantCulture) : size.ToString("N1", CultureInfo.InvariantCulture))} {units[unit]}");
    }

    /// <summary>Writes a line that is safe to show. Long paths are not broken: somebody may want to copy them.</summary>
    public void Write(string line, string? style = null)
        => Console.Write(new Text(line + Environment.NewLine, style is null ? Style.Plain : Style.Parse(style)) { Overflow = Overflow.Fold });

    /// <summary>Runs some work with its progress on the screen.</summary>
    public async Task<T> ShowWhileAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!_isLive)
        {
            return await work();
        }

        Progress progress = Console.Progress().AutoClear(true).HideCompleted(true).Columns(
            new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left });
        return await progress.StartAsync(async context =>
        {
            _task = context.AddTask("opening").IsIndeterminate();
            return await work();
        });
    }

    /// <summary>Shows how far the work has come.</summary>
    /// <param name="fraction">How much is done, from 0 to 1; <see langword="null"/> if nobody knows.</param>
    /// <param name="done">What is done, how fast, and how long the rest will take.</param>
    /// <param name="current">What the work is at; safe to show.</param>
    public void ShowProgress(double? fraction, string done, string current)
    {
        ArgumentNullException.ThrowIfNull(current);
        if (_task is not { } task)
        {
            return;
        }

        task.IsIndeterminate(fraction is null);
        if (fraction is { } known)
        {
            task.Value(known * 100);
        }

        current = current.Length > LongestCurrent ? "…" + current[^(LongestCurrent - 1)..] : current;
        task.Description = Markup.Escape($"{done}  {current}");
    }

    /// <summary>Says how long the rest will take.</summary>
    public static string Left(TimeSpan? time) => time is { } left ? $", {left:hh\\:mm\\:ss} left" : "";
}
