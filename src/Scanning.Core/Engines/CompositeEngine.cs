using System.Security.Cryptography;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Several engines as one: a content is clean only if it is clean to each of them.</summary>
/// <remarks>
/// They are asked in order, up to the first that finds a threat. Where none does, the first verdict that is not clean counts, and one that failed before one that is
/// only incomplete. Safe for concurrent use, as they are; whoever made them disposes them.
/// </remarks>
public sealed class CompositeEngine : IScanEngine
{
    private readonly IScanEngine[] _engines;

    /// <summary>Makes one of several.</summary>
    /// <param name="engines">The engines, the fastest best first.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public CompositeEngine(params IEnumerable<IScanEngine> engines)
    {
        ArgumentNullException.ThrowIfNull(engines);
        _engines = [.. engines];
        if (_engines.Length == 0)
        {
            throw new ArgumentException("At least one engine is needed.", nameof(engines));
        }

        Name = string.Join('+', _engines.Select(static engine => engine.Name));
    }

    /// <summary>Gets the engines' names, joined by plus signs.</summary>
    public string Name { get; }

    /// <summary>Gets the definitions of all, as one set: its digest is over theirs, its sequence the sum of theirs.</summary>
    public DefinitionSet Definitions => Join(Array.ConvertAll(_engines, static engine => engine.Definitions));

    /// <summary>Gets the options of all, as one profile.</summary>
    public ScanProfile Profile => ScanProfile.Of(_engines.Select(static (engine, index) => KeyValuePair.Create($"{index} {engine.Name}", engine.Profile.Digest)));

    /// <inheritdoc/>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        DefinitionSet[] definitions = Array.ConvertAll(_engines, static engine => engine.Definitions);
        Verdict verdict = Verdict.Clean;
        for (int i = 0; i < _engines.Length; i++)
        {
            EngineVerdict answer = _engines[i].Scan(content, hash, cancellationToken);
            definitions[i] = answer.Definitions;
            if (answer.Verdict.Kind == VerdictKind.Infected)
            {
                verdict = answer.Verdict;
                break;
            }

            bool isWorse = verdict.Kind == VerdictKind.Clean || (verdict.Kind == VerdictKind.Incomplete && answer.Verdict.Kind == VerdictKind.Failed);
            verdict = isWorse ? answer.Verdict : verdict;
        }

        return new EngineVerdict(verdict, Join(definitions));
    }

    private DefinitionSet Join(DefinitionSet[] sets)
    {
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[ContentHash.Size];
        foreach (DefinitionSet set in sets)
        {
            set.Digest.CopyTo(bytes);
            digest.AppendData(bytes);
        }

        return new DefinitionSet
        {
            Engine = Name,
            Version = string.Join(" + ", sets.Select(static set => set.Version)),
            Sequence = sets.Sum(static set => set.Sequence),
            Published = sets.Max(static set => set.Published),
            Digest = new ContentHash(digest.GetHashAndReset()),
            SignatureCount = sets.Sum(static set => set.SignatureCount),
            Source = string.Join(" + ", sets.Select(static set => set.Source)),
        };
    }
}
