using System.Globalization;
using System.Text.RegularExpressions;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

/// <summary>A line of a database, and files that it should match, or just not.</summary>
internal sealed partial class SignatureSample
{
    private static readonly int[] TextTargets = [3, 7];

    private readonly List<Subsignature> _subsignatures = [];
    private readonly int _target;
    private readonly int _sections = 1;
    private readonly int _minSize;

    private SignatureSample(string name, int target, string conditions)
    {
        Name = name;
        _target = target;
        _sections = Condition(conditions, "NumberOfSections", 1);
        _minSize = Condition(conditions, "FileSize", 0);
    }

    /// <summary>Gets the kind of content that it is for.</summary>
    public int Target => _target;

    /// <summary>Gets the threat's name.</summary>
    public string Name { get; }

    /// <summary>Reads a line as <c>.ndb</c>, <c>.db</c> or <c>.ldb</c> databases have it.</summary>
    /// <returns><see langword="null"/> if no file can be made for it: it needs a container or a regular expression.</returns>
    public static SignatureSample? Read(string line, string extension)
    {
        switch (extension)
        {
            case ".db":
                return Of(line[..line.IndexOf('=', StringComparison.Ordinal)].Replace(" (Clam)", "", StringComparison.Ordinal), 0, "", [new("*", line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..], "", 1)]);
            case ".ndb":
                string[] fields = line.Split(':');
                return Of(fields[0], fields[1] == "*" ? 0 : int.Parse(fields[1], CultureInfo.InvariantCulture), "", [new(fields[2], fields[3], "", 1)]);
            default:
                return ReadLogical(line);
        }
    }

    /// <summary>Gets the kind of content that a line of an <c>.ldb</c> database is for.</summary>
    public static int TargetOf(string line) => Condition(line.Split(';')[1], "Target", 0);

    private static SignatureSample? ReadLogical(string line)
    {
        string[] fields = line.Split(';');
        if (line.Contains('/', StringComparison.Ordinal) || line.Contains("Container", StringComparison.Ordinal) || line.Contains("Icon", StringComparison.Ordinal))
        {
            return null;
        }

        List<Subsignature> subsignatures = [];
        for (int i = 3; i < fields.Length; i++)
        {
            string[] parts = fields[i].Split(':');
            bool hasOffset = parts.Length % 2 == 0;
            string letters = parts.Length is 3 or 4 ? parts[^1] : "";
            subsignatures.Add(new(hasOffset ? parts[0] : "*", parts[hasOffset ? 1 : 0], letters, Copies(fields[2], i - 3)));
        }

        return Of(fields[0], Condition(fields[1], "Target", 0), fields[1], subsignatures);
    }

    private static SignatureSample? Of(string name, int target, string conditions, IEnumerable<Subsignature> subsignatures)
    {
        SignatureSample sample = new(name, target, conditions);
        sample._subsignatures.AddRange(subsignatures);
        return sample;
    }

    /// <summary>Makes a file that holds all of the signature, as often as it asks for.</summary>
    public byte[] Match(Random random) => Make(random, changed: -1, dropped: -1);

    /// <summary>Makes a file in which one byte of one subsignature is another.</summary>
    public byte[] WithChangedByte(Random random) => Make(random, changed: random.Next(_subsignatures.Count), dropped: -1);

    /// <summary>Makes a file that lacks one subsignature.</summary>
    public byte[] WithoutOne(Random random) => Make(random, changed: -1, dropped: random.Next(_subsignatures.Count));

    private byte[] Make(Random random, int changed, int dropped)
    {
        bool isText = TextTargets.Contains(_target);
        SortedList<int, byte[]> placed = [];
        List<byte[]> loose = [];
        List<byte[]> atEnd = [];
        for (int i = 0; i < _subsignatures.Count; i++)
        {
            Subsignature one = _subsignatures[i];
            for (int copy = 0; copy < one.Copies && i != dropped; copy++)
            {
                BodySample sample = new(random, one.IsWide, isText);
                byte[] bytes = sample.Write(one.Body);
                if (i == changed && sample.Fixed.Count > 0)
                {
                    bytes[sample.Fixed[random.Next(sample.Fixed.Count)]] ^= isText ? (byte)0x01 : (byte)0x80;
                }

                int? place = one.PlaceIn(_target);
                if (place is { } at && placed.TryAdd(at, bytes))
                {
                    continue;
                }

                (one.Offset.StartsWith("EOF", StringComparison.Ordinal) ? atEnd : loose).Add(bytes);
            }
        }

        return Assemble(random, isText, placed, loose, atEnd);
    }

    private byte[] Assemble(Random random, bool isText, SortedList<int, byte[]> placed, List<byte[]> loose, List<byte[]> atEnd)
    {
        int before = CarrierFile.PayloadOffset(_target);
        List<byte> payload = [];
        foreach ((int at, byte[] bytes) in placed.Where(pair => pair.Key >= before))
        {
            Fill(random, isText, payload, at - before - payload.Count);
            payload.AddRange(bytes);
        }

        foreach (byte[] bytes in loose)
        {
            Fill(random, isText, payload, random.Next(3, 40));
            payload.AddRange(bytes);
        }

        Fill(random, isText, payload, Math.Max(random.Next(3, 40), _minSize - before - payload.Count));
        atEnd.ForEach(payload.AddRange);
        byte[] file = CarrierFile.Make(_target, [.. payload], _sections);
        foreach ((int at, byte[] bytes) in placed.Where(pair => pair.Key < before))
        {
            bytes.AsSpan(0, Math.Min(bytes.Length, file.Length - at)).CopyTo(file.AsSpan(at));
        }

        return file;
    }

    private static void Fill(Random random, bool isText, List<byte> payload, int count)
    {
        for (int i = 0; i < count; i++)
        {
            payload.Add(isText ? (byte)random.Next('a', 'z' + 1) : (byte)random.Next(1, 256));
        }
    }

    private static int Copies(string expression, int id)
    {
        Match own = Regex.Match(expression, $@"(?<![\d,=<>]){id}([=<>])(\d+)");
        if (own.Success)
        {
            int number = int.Parse(own.Groups[2].Value, CultureInfo.InvariantCulture);
            return Math.Min(own.Groups[1].Value switch { ">" => number + 1, "<" => Math.Max(number - 1, 0), _ => number }, 40);
        }

        Match group = GroupCount().Match(expression);
        return group.Success && group.Groups[1].Value.Contains(id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            ? Math.Min(int.Parse(group.Groups[2].Value, CultureInfo.InvariantCulture) + 1, 10)
            : 1;
    }

    private static int Condition(string conditions, string key, int missing)
    {
        Match match = Regex.Match(conditions, $@"(?:^|,){key}:(\d+)");
        return match.Success ? (int)Math.Min(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), 3_000_000) : missing;
    }

    [GeneratedRegex(@"\(([\d&|]+)\)>(\d+)")]
    private static partial Regex GroupCount();

    private sealed record Subsignature(string Offset, string Body, string Letters, int Copies)
    {
        public bool IsWide => Letters.Contains('w', StringComparison.Ordinal) && !Letters.Contains('a', StringComparison.Ordinal);

        /// <summary>Gets where in the file it must begin; <see langword="null"/> if anywhere, or at the end.</summary>
        public int? PlaceIn(int target)
        {
            string offset = Offset.Split(',')[0];
            int start = CarrierFile.PayloadOffset(target);
            if (offset.Length > 0 && char.IsAsciiDigit(offset[0]))
            {
                return int.Parse(offset, CultureInfo.InvariantCulture);
            }

            Match relative = Regex.Match(offset, @"^(?:EP|S0|SL)\+(\d+)$");
            return relative.Success ? start + int.Parse(relative.Groups[1].Value, CultureInfo.InvariantCulture) : offset == "SE0" ? start : null;
        }
    }
}
