using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Parts of mail messages, one message or many in a file, with their transfer encodings undone.</summary>
/// <remarks>
/// Source: RFC 2045 and 2046; mbox(5). Parts are told by headers and boundary lines as they come, whichever of them belong together: mail programs are
/// lenient, and malware relies on that.
/// </remarks>
internal static class MailFormat
{
    public static void Open(MemberWalk walk) => new Parser(walk).Run(inHeaders: true);

    /// <summary>Opens text without headers, in which there are uuencoded files.</summary>
    public static void OpenBody(MemberWalk walk) => new Parser(walk).Run(inHeaders: false);

    private sealed class Parser(MemberWalk walk)
    {
        private readonly MailLines _lines = new(walk);
        private readonly List<byte[]> _boundaries = [];
        private MailPart _part = new();

        public void Run(bool inHeaders)
        {
            if (inHeaders)
            {
                ReadHeaders();
            }

            while (!_lines.AtEnd && walk.IsOpen)
            {
                if (!Deliver())
                {
                    return;
                }

                // What ended the part is a boundary, the beginning of another message, or of a uuencoded file.
                string line = _lines.Take();
                if (line.StartsWith("begin ", StringComparison.Ordinal))
                {
                    _part = new MailPart { Encoding = MailEncoding.UuEncoded, Name = line.Split(' ', 3) is { Length: 3 } words ? words[2] : "file" };
                }
                else if (line == "end")
                {
                    _part = new MailPart();
                }
                else
                {
                    ReadHeaders();
                }
            }
        }

        private bool Deliver()
        {
            MailPart part = _part;
            MailBodyStream body = new(_lines, part.Encoding, EndsPart);
            if (part.IsMultipart || body.IsEmpty)
            {
                body.SkipToEnd();
                return true;
            }

            bool more = walk.Deliver(walk.Info(part.Name), () => body);
            body.SkipToEnd();
            return more;
        }

        private void ReadHeaders()
        {
            _part = new MailPart();
            StringBuilder header = new();
            while (!_lines.AtEnd)
            {
                string line = _lines.Take();
                if (line.Length > 0 && (line[0] is ' ' or '\t') && header.Length < MailLines.MaxLength)
                {
                    header.Append(line);
                    continue;
                }

                Use(header.ToString());
                if (line.Length == 0)
                {
                    // The headers of a message inside of a message follow its own.
                    if (!_part.IsMessage)
                    {
                        return;
                    }

                    _part = new MailPart();
                }

                header.Clear().Append(line);
            }

            Use(header.ToString());
        }

        private void Use(string header)
        {
            _part.Use(header);
            const int MaxBoundaries = 100;
            if (_part.Boundary is { Length: > 0 } boundary && _boundaries.Count < MaxBoundaries)
            {
                _boundaries.Add(Encoding.Latin1.GetBytes("--" + boundary));
                _part.Boundary = null;
            }
        }

        private bool EndsPart(ReadOnlySpan<byte> line, MailEncoding encoding)
        {
            if (encoding == MailEncoding.UuEncoded)
            {
                return line.SequenceEqual("end"u8);
            }

            if (line.StartsWith("From "u8) && line.Contains((byte)'@'))
            {
                return true;
            }

            if (line.StartsWith("begin "u8) && line.Length > 10 && encoding == MailEncoding.None && line[6] is >= (byte)'0' and <= (byte)'7' && line[9] == ' ')
            {
                return true;
            }

            foreach (byte[] boundary in _boundaries)
            {
                if (line.StartsWith(boundary))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
