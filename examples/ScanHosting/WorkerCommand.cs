using System.CommandLine;
using Symantec.Virtualization.Scanning.ClamAv;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>The program as a worker of its own: it scans what it is handed, and may crash over it.</summary>
public static class WorkerCommand
{
    public static Command Create()
    {
        Argument<string> unwanted = new("PUA");
        Argument<string?> definitions = new("DEFINITIONS") { Arity = ArgumentArity.ZeroOrOne };
        Command command = new(EngineChoice.WorkerCommand, "Scan with libclamav for another process of this program.") { unwanted, definitions };
        command.Hidden = true;
        command.SetAction(parsed => ClamAvWorker.Run(
            Console.OpenStandardInput(),
            Console.OpenStandardOutput(),
            EngineChoice.LibraryOptions(parsed.GetValue(definitions), parsed.GetValue(unwanted) == "pua")));
        return command;
    }
}
