using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Symantec.Virtualization.Examples.FullSystem;

Option<bool> keep = new("--keep") { Description = "Keep everything running when the story is told, and the console open, until Ctrl-C." };
Option<bool> json = new("--json") { Description = "Print the story's numbers as JSON at the end." };
RootCommand root = new(
    """
    Shows the whole system at work on this machine: a manager, a Shared Insight Cache and three desktops that are cloned from one sealed base image, each a process of its own, over
    a day. As root on Linux the clones are disks of their own; otherwise folders.
    """)
{ keep, json };
root.SetAction(async (result, token) =>
{
    string folder = Directory.CreateTempSubdirectory("full-system-").FullName;
    try
    {
        await using Story story = new(AnsiConsole.Console, folder);
        Numbers numbers = await story.RunAsync(token);
        if (result.GetValue(json))
        {
            Console.WriteLine(JsonSerializer.Serialize(numbers));
        }

        if (result.GetValue(keep))
        {
            AnsiConsole.WriteLine($"The console is at {story.Console} (admin, {story.Password}) until Ctrl-C.");
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return 0;
    }
    catch (InvalidOperationException e)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
});
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
