using System.Text.Json;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary><c>--verify</c>: read everything and compare it with the seal.</summary>
internal static class VerifyMode
{
    public static async Task<ModeOutcome> RunAsync(RunContext run, CancellationToken cancellationToken)
    {
        VieToolArguments arguments = run.Arguments;
        SealPublicKey key = KeyFiles.LoadPublic(arguments.Key!, KeyFiles.Password(arguments.KeyPasswordFile));
        Seal seal;
        try
        {
            seal = Seal.Open(run.SealPath, SealTrust.In(key));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ModeOutcome(VieExitCodes.NotSealed, $"There is no seal at {run.SealPath}.");
        }
        catch (SealException e)
        {
            return new ModeOutcome(VieExitCodes.Found, e.Message, [new("refusal", "", JsonNamingPolicy.CamelCase.ConvertName(e.Refusal.ToString()))]);
        }

        using (seal)
        {
            bool isWhole = !VolumePath.IsBelow(arguments.Root, seal.Facts.Root) && !VolumePath.IsBelow(arguments.Root, RootByPlace(run.SealPath));
            SealVerifier verifier = new(seal, arguments.Root, finding => Tell(run, finding), run.Excluded)
            {
                MaxConcurrency = arguments.Engine.Threads,
                Progress = run.Progress,
            };
            SealVerification verification = await verifier.VerifyAsync(isWhole, cancellationToken);
            bool isIntact = run.Met == VieExitCodes.Done;
            return new ModeOutcome(
                run.Met,
                isIntact ? "Intact: every sealed file is there and unchanged." : run.Met == VieExitCodes.Found ? "Not as it was sealed." : "Not everything could be read.",
                [
                    new("intact", "", isIntact),
                    new("whole", "", isWhole),
                    new("unchanged", "Unchanged", verification[SealFindingKind.Unchanged]),
                    new("touched", "Same content, other times", verification[SealFindingKind.Touched]),
                    new("changed", "Changed", verification[SealFindingKind.Changed]),
                    new("changedUnseen", "Changed, times kept", verification[SealFindingKind.ChangedUnseen]),
                    new("missing", "Missing", verification[SealFindingKind.Missing]),
                    new("markMissing", "Without their mark", verification[SealFindingKind.MarkMissing]),
                    new("markForeign", "With another's mark", verification[SealFindingKind.MarkForeign]),
                    new("notSealed", "Not in the seal", verification[SealFindingKind.NotSealed]),
                    new("unreadable", "Not readable", verification[SealFindingKind.Unreadable]),
                    new("sealNumber", "Number of the seal", seal.Number),
                    new("sealedAt", "Sealed at", seal.SealedAt),
                    new("imageId", "", seal.ImageId.ToString()),
                    new("keyId", "", seal.KeyId.ToString()),
                ]);
        }
    }

    /// <summary>Gets the folder that a seal in the usual place is of: an image that was sealed elsewhere is called otherwise here.</summary>
    private static string RootByPlace(string sealPath)
    {
        string folder = Path.GetDirectoryName(sealPath)!;
        return Path.GetFileName(folder) == SealPlace.Folder ? Path.GetDirectoryName(folder)! : folder + Path.DirectorySeparatorChar + "none";
    }

    private static void Tell(RunContext run, SealFinding finding)
    {
        string location = finding.Kind == SealFindingKind.Missing ? Path.Combine(run.Arguments.Root, finding.Location) : finding.Location;
        (string outcome, int exitCode) = finding.Kind switch
        {
            SealFindingKind.Unchanged => ("unchanged", VieExitCodes.Done),
            SealFindingKind.NotSealed => ("not in the seal", VieExitCodes.Done),
            SealFindingKind.Touched => ("same content, other times", VieExitCodes.Found),
            SealFindingKind.Changed => ("changed", VieExitCodes.Found),
            SealFindingKind.ChangedUnseen => ("changed, times kept", VieExitCodes.Found),
            SealFindingKind.MarkMissing => ("without its mark", VieExitCodes.Found),
            SealFindingKind.MarkForeign => ("with another's mark", VieExitCodes.Found),
            SealFindingKind.Missing => ("missing", VieExitCodes.Found),
            _ => ("not readable", VieExitCodes.Errors),
        };
        run.Add(new FileLine(outcome, location, finding.Detail) { IsNotable = exitCode != VieExitCodes.Done }, exitCode);
    }
}
