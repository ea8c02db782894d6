using System.CommandLine;
using System.CommandLine.Parsing;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>The seals of a run: the one that lets files be skipped, and the one that is made of the scan.</summary>
internal sealed class ImageSeals : IDisposable
{
    private readonly SealArguments _arguments;
    private readonly SealedImage? _earlier;
    private readonly SealBuilder? _builder;

    /// <exception cref="IOException">A key or a seal cannot be used; the message says why.</exception>
    public ImageSeals(SealArguments arguments, IReadOnlyList<string> images)
    {
        _arguments = arguments;
        if (arguments.Sealed is { } path)
        {
            SealTrust trust = new([KeyFiles.LoadPublic(arguments.Key!, KeyFiles.Password(arguments.KeyPasswordFile))], new VirtualImagesPolicy { OnDemand = true, Check = arguments.Check });
            _earlier = SealedImage.Open(path, trust);
        }

        _builder = arguments.Seal is null ? null : new SealBuilder(images[0], _earlier is null ? null : [_earlier.Seal]);
    }

    /// <summary>Has a session skip what is sealed, and hand what it finds to the new seal.</summary>
    public void AddTo(ScanSessionOptions session)
    {
        if (_earlier is not null)
        {
            session.Policy = new ScanPolicy(virtualImages: new VirtualImagesPolicy { OnDemand = true });
            foreach (IScanExemption exemption in ImageExemption.For([_earlier]))
            {
                session.Exemptions.Add(exemption);
            }
        }

        if (_builder is not null)
        {
            session.SealSinks.Add(_builder);
        }
    }

    /// <summary>Writes the new seal, if one was asked for.</summary>
    /// <returns>What to tell of it; <see langword="null"/> if there is none.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string? Write()
    {
        if (_builder is null)
        {
            return null;
        }

        using SealKey key = KeyFiles.LoadPrivate(_arguments.Key!, KeyFiles.Password(_arguments.KeyPasswordFile));
        _builder.Write(_arguments.Seal!, key);
        return $"Sealed: {_builder.Count:N0} files, {_builder.CarriedOver:N0} of them without a scan; {_builder.UnsealedCount:N0} not sealed. {_arguments.Seal}";
    }

    public void Dispose() => _earlier?.Dispose();
}

/// <summary>What the command line asks for.</summary>
internal sealed record SealArguments(string? Seal, string? Sealed, string? Key, string? KeyPasswordFile, SealCheck Check);

/// <summary>The options.</summary>
internal sealed class SealOptions
{
    public Option<string?> Seal { get; } = new("--seal") { Description = "Seal the image's clean files: write the catalogue by which scans of its clones skip them. One image, never started; takes --key.", HelpName = "FILE" };

    public Option<string?> Sealed { get; } = new("--sealed") { Description = "Skip the unchanged files of a sealed image, or of a clone of it. Takes --key.", HelpName = "FILE" };

    public Option<string?> Key { get; } = new("--key", "-k") { Description = "The key of the seal: the private one for --seal, either one for --sealed. VieTool --new-key makes a pair.", HelpName = "FILE" };

    public Option<string?> KeyPasswordFile { get; } = new("--key-password-file")
    {
        Description = $"Holds the password of the private key in its first line. By default it is taken from the environment variable {KeyFiles.PasswordVariable}.",
        HelpName = "FILE",
    };

    public Option<SealCheck> Check { get; } = new("--sealed-check")
    {
        Description = "How a sealed file is known as unchanged: by its identity and the change journal, by its hash where that does not tell, or always by its hash.",
        HelpName = "identity|identityOrHash|hash",
        DefaultValueFactory = static _ => SealCheck.IdentityOrHash,
    };

    public SealArguments Read(ParseResult parsed)
        => new(parsed.GetValue(Seal), parsed.GetValue(Sealed), parsed.GetValue(Key), parsed.GetValue(KeyPasswordFile), parsed.GetValue(Check));

    public void Validate(CommandResult result, int images)
    {
        bool seals = result.GetValue(Seal) is not null;
        bool skips = result.GetValue(Sealed) is not null;
        Require(!seals || images == 1, "--seal is of one image.");
        Require((seals || skips) == (result.GetValue(Key) is not null), "--key goes with --seal or --sealed, and they with it.");

        void Require(bool holds, string message)
        {
            if (!holds)
            {
                result.AddError(message);
            }
        }
    }
}
