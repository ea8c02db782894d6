namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the lines of one file of definitions, whatever its format.</summary>
/// <param name="tables">Takes the signatures.</param>
internal sealed class DefinitionLineReader(DefinitionTablesBuilder tables)
{
    private readonly BodySignatureReader _bodies = new(tables.Image);
    private readonly LogicalSignatureReader _logical = new(tables.Image);

    /// <summary>Reads a line that is neither empty nor a comment.</summary>
    /// <param name="format">The file's format.</param>
    /// <param name="line">The line.</param>
    /// <exception cref="SignatureSyntaxException">It is no signature.</exception>
    /// <exception cref="UnsupportedSignatureException">It asks for more than this engine does, or is not to be used.</exception>
    public DefinitionLineKind Read(DefinitionFormat format, ReadOnlySpan<byte> line)
    {
        switch (format)
        {
            case DefinitionFormat.Ignored or DefinitionFormat.IgnoredOld:
                tables.Ignored.Add(line, isOld: format == DefinitionFormat.IgnoredOld);
                return DefinitionLineKind.Signature;
            case DefinitionFormat.Files:
                return ReadHash(line, HashFieldOrder.HashFirst, tables.Files);
            case DefinitionFormat.Allowed:
                return ReadHash(line, HashFieldOrder.HashFirst, tables.Allowed);
            case DefinitionFormat.Imports:
                return ReadHash(line, HashFieldOrder.HashFirst, tables.Imports);
            case DefinitionFormat.Sections:
                return ReadHash(line, HashFieldOrder.SizeFirst, tables.Sections);
            default:
                return ReadBody(format, line);
        }
    }

    private DefinitionLineKind ReadBody(DefinitionFormat format, ReadOnlySpan<byte> line)
    {
        byte end = format switch { DefinitionFormat.Plain => (byte)'=', DefinitionFormat.Logical => (byte)';', _ => (byte)':' };
        CheckIgnored(line[..Math.Max(line.IndexOf(end), 0)], line);
        SignatureImageBuilder.Place before = tables.Image.Mark();
        try
        {
            return format switch
            {
                DefinitionFormat.Plain => _bodies.ReadPlain(line),
                DefinitionFormat.Logical => _logical.Read(line),
                _ => _bodies.ReadExtended(line),
            };
        }
        catch (Exception e) when (e is SignatureSyntaxException or UnsupportedSignatureException)
        {
            tables.Image.Reset(before);
            throw;
        }
    }

    private DefinitionLineKind ReadHash(ReadOnlySpan<byte> line, HashFieldOrder order, HashTablesBuilder hashes)
    {
        DefinitionLineKind kind = HashSignature.Parse(line, order, out HashSignature signature, out string field, out string detail);
        if (kind == DefinitionLineKind.Malformed)
        {
            throw new SignatureSyntaxException(field, detail);
        }

        if (kind == DefinitionLineKind.Signature)
        {
            CheckIgnored(signature.Name, line);
            hashes.Add(signature);
        }

        return kind;
    }

    private void CheckIgnored(ReadOnlySpan<byte> name, ReadOnlySpan<byte> line)
    {
        if (tables.Ignored.Contains(name, line))
        {
            throw new UnsupportedSignatureException("named by an ignore list");
        }
    }
}
