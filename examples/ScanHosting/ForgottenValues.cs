using System.CommandLine;
using System.CommandLine.Parsing;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>The name of an option where a value is expected is a value that was forgotten: <c>--log --silent</c> is no wish for a file called "--silent".</summary>
public static class ForgottenValues
{
    /// <summary>Refuses names of a command's options as values of its options. Files that are called so can be named with a folder in front.</summary>
    public static void Refuse(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);

        // Some have aliases that begin with a slash, as paths do.
        HashSet<string> names = [.. command.Options.SelectMany(static option => option.Aliases.Prepend(option.Name)).Where(static name => name.StartsWith('-'))];
        command.Validators.Insert(0, result =>
        {
            foreach (Option option in command.Options)
            {
                foreach (Token token in (result.GetResult(option)?.Tokens ?? []).Where(token => names.Contains(token.Value)))
                {
                    result.AddError($"{option.Name} takes a value, and {token.Value} is an option.");
                }
            }
        });
    }
}
