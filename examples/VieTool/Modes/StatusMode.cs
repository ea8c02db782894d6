using System.Text.Json;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary><c>--status</c>: whether and when the volume was sealed, and with what. Reads the seal, and none of the files.</summary>
internal static class StatusMode
{
    public static Task<ModeOutcome> RunAsync(RunContext run)
    {
        VieToolArguments arguments = run.Arguments;
        SealTrust trust = SealTrust.In(KeyFiles.LoadPublic(arguments.Key!, KeyFiles.Password(arguments.KeyPasswordFile)));
        List<Fact> unfinished = Unfinished(run.SealPath, trust);
        try
        {
            using Seal seal = Seal.Open(run.SealPath, trust);
            string? otherVolume = OtherVolume(seal, arguments.Root);
            return Task.FromResult(new ModeOutcome(
                otherVolume is null ? VieExitCodes.Done : VieExitCodes.Found,
                otherVolume ?? "Sealed, and the signature is good.",
                [new("sealed", "Sealed", true), new("signatureGood", "Signature good", true), .. Facts(seal), .. unfinished]));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(new ModeOutcome(VieExitCodes.NotSealed, $"Not sealed: there is no seal at {run.SealPath}.", [new("sealed", "Sealed", false), .. unfinished]));
        }
        catch (SealException e)
        {
            // What a seal says is worth nothing unless it is believed, so nothing of it is shown.
            return Task.FromResult(new ModeOutcome(
                VieExitCodes.Found,
                e.Message,
                [
                    new("sealed", "Sealed", false),
                    new("signatureGood", "Signature good", false),
                    new("refusal", "Refused as", JsonNamingPolicy.CamelCase.ConvertName(e.Refusal.ToString())),
                    .. unfinished,
                ]));
        }
    }

    private static IEnumerable<Fact> Facts(Seal seal) =>
    [
        new("sealedAt", "Sealed at", seal.SealedAt),
        new("sealedBy", "By the host", seal.Facts.Host),
        new("sealedAs", "As", seal.Facts.Root),
        new("tool", "With", seal.Facts.Tool),
        new("sealNumber", "Number of the seal", seal.Number),
        new("sealId", "Seal", seal.Id.ToString()),
        new("imageId", "Image", seal.ImageId.ToString()),
        new("files", "Files", seal.Entries().LongCount()),
        new("marked", "Marks", seal.IsMarked),
        new("scanSkipped", "Scanned elsewhere", seal.IsScanSkipped),
        .. seal.Facts.Scopes.SelectMany(static (scope, index) => Scope(scope, index)),
        new("keyId", "Signed by the key", seal.KeyId.ToString()),
        new("rootHash", "Root hash", seal.Root.ToString()),
    ];

    private static IEnumerable<Fact> Scope(VerdictScope scope, int index)
    {
        string suffix = index == 0 ? "" : $"{index + 1}";
        return
        [
            new($"engine{suffix}", "Engine", scope.Engine),
            .. DefinitionFacts.Of(scope.Definitions).Select(fact => fact with { Name = fact.Name + suffix }),
        ];
    }

    private static List<Fact> Unfinished(string sealPath, SealTrust trust)
    {
        try
        {
            using Seal checkpoint = Seal.OpenUnfinished(SealPlace.CheckpointOf(sealPath), trust);
            return
            [
                new("unfinishedRun", "Unfinished run", "--generate goes on from it"),
                new("unfinishedAt", "of", checkpoint.SealedAt),
                new("unfinishedFiles", "Files scanned in it", checkpoint.Entries().LongCount()),
            ];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [new("unfinishedRun", "Unfinished run", "none")];
        }
        catch (SealException e)
        {
            return [new("unfinishedRun", "Unfinished run", $"not believed: {e.Detail}")];
        }
    }

    private static string? OtherVolume(Seal seal, string root)
    {
        using LiveVolumes volumes = new();
        string here = volumes.NameOf(File.Exists(root) ? Path.GetDirectoryName(root)! : root);
        return seal.Facts.Volumes.Count == 0 || seal.Facts.Volumes.Any(volume => volume.Name == here)
            ? null
            : $"The seal is of {PrintableText.Escape(string.Join(", ", seal.Facts.Volumes.Select(static volume => volume.Name)))}, and this volume is {PrintableText.Escape(here)}.";
    }
}
