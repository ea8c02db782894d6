using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Finds out which names of a script are declared where, and joins strings that are added to each other.</summary>
/// <remarks>No grammar is checked: scripts that no browser would run are renamed all the same.</remarks>
internal sealed class ScriptParser
{
    /// <summary>So often a script is looked for in a script.</summary>
    private const int MaxDepth = 16;

    private readonly List<ScriptToken> _tokens = [];
    private readonly StringBuilder _joined = new();
    private int _joinedAt = -1;
    private ScriptScope _scope;
    private int _declared;

    private ScriptParser(ScriptScope scope) => _scope = scope;

    /// <summary>Reads a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="global">Takes the names that are declared outside of functions.</param>
    public static List<ScriptToken> Parse(ReadOnlySpan<byte> script, ScriptScope global)
    {
        ScriptParser parser = new(global);
        parser.Read(script);
        parser.CloseParentheses();
        List<ScriptToken> result = new(parser._tokens.Count);
        parser.Evaluate(WithoutUnescape(parser._tokens), global, depth: 0, result);
        return result;
    }

    private void Read(ReadOnlySpan<byte> script)
    {
        ScriptLexer lexer = new(script);
        while (lexer.TryRead(out ScriptToken token))
        {
            Add(token);
        }

        EndJoin();
    }

    /// <summary>Puts the scripts that <c>eval</c> is called with in place of the calls.</summary>
    private void Evaluate(List<ScriptToken> tokens, ScriptScope scope, int depth, List<ScriptToken> result)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            ScriptToken token = tokens[i];
            scope = token.Scope ?? (token.Kind == ScriptTokenKind.FunctionEnd ? scope.Parent : null) ?? scope;
            bool isCall = depth < MaxDepth && i + 3 < tokens.Count && token is { Kind: ScriptTokenKind.Name, Text: "eval" }
                && tokens[i + 1].Is("(") && tokens[i + 2].Kind == ScriptTokenKind.Text && tokens[i + 3].Is(")");
            if (!isCall)
            {
                result.Add(token);
                continue;
            }

            ScriptParser inner = new(scope) { _declared = _declared };
            inner.Read(Encoding.Latin1.GetBytes(tokens[i + 2].Text));
            inner.Evaluate(WithoutUnescape(inner._tokens), scope, depth + 1, result);
            _declared = inner._declared;
            i += i + 4 < tokens.Count && tokens[i + 4].Is(";") ? 4 : 3;
        }
    }

    private void Add(ScriptToken token)
    {
        switch (token.Kind)
        {
            case ScriptTokenKind.Name:
                AddName(token.Text);
                return;
            case ScriptTokenKind.Function:
                _scope = new ScriptScope(_scope);
                _tokens.Add(token with { Scope = _scope });
                return;
            case ScriptTokenKind.Text when _tokens.Count > 1 && _tokens[^1].Is("+") && _tokens[^2].Kind == ScriptTokenKind.Text:
                Join(token);
                return;
        }

        _tokens.Add(token);
        if (token.Kind == ScriptTokenKind.Other)
        {
            Follow(token.Text);
        }

        _scope.IsBehindDot = token.Is(".");
    }

    /// <summary>Adds a string to the one before the sign. Strings of many pieces are put together once, when all pieces are there.</summary>
    private void Join(ScriptToken token)
    {
        _tokens.RemoveAt(_tokens.Count - 1);
        if (_joinedAt != _tokens.Count - 1)
        {
            EndJoin();
            _joinedAt = _tokens.Count - 1;
            _joined.Append(_tokens[^1].Text);
        }

        _joined.Append(token.Text);
    }

    private void EndJoin()
    {
        if (_joinedAt >= 0)
        {
            _tokens[_joinedAt] = new(ScriptTokenKind.Text, _joined.ToString());
            _joined.Clear();
        }
    }

    private void AddName(string name)
    {
        if (_scope.IsBehindDot)
        {
            _tokens.Add(new(ScriptTokenKind.Other, name));
        }
        else
        {
            if (_scope.Expectation is ScriptExpectation.Variable or ScriptExpectation.Parameter or ScriptExpectation.FunctionName)
            {
                _scope.Declare(name, _declared++);
                bool isFunction = _scope.Expectation == ScriptExpectation.FunctionName;
                _scope.Expectation = isFunction ? ScriptExpectation.ParameterList : ScriptExpectation.Initializer;
                _scope.Brackets = isFunction ? _scope.Brackets : 0;
            }

            _tokens.Add(new(ScriptTokenKind.Name, name));
        }

        _scope.IsBehindDot = false;
    }

    private void Follow(string text)
    {
        ScriptExpectation now = _scope.Expectation;
        switch (text)
        {
            case "var":
                _scope.Expectation = ScriptExpectation.Variable;
                break;
            case "(" when now is ScriptExpectation.FunctionName or ScriptExpectation.ParameterList:
                _scope.Expectation = ScriptExpectation.Parameter;
                break;
            case ")" when now == ScriptExpectation.ParameterList:
                _scope.Expectation = ScriptExpectation.Nothing;
                break;
            case "{":
                if (now is ScriptExpectation.FunctionName or ScriptExpectation.ParameterList or ScriptExpectation.Parameter)
                {
                    _scope.Expectation = ScriptExpectation.Nothing;
                }

                _scope.Blocks++;
                break;
            case "}":
                EndBlock();
                break;
            case "[":
                _scope.Brackets++;
                break;
            case "]":
                _scope.Brackets = Math.Max(0, _scope.Brackets - 1);
                break;
            case "," when now == ScriptExpectation.Initializer && _scope.Brackets == 0 && _scope.Blocks == 0:
                _scope.Expectation = ScriptExpectation.Variable;
                break;
            case ";" when _scope.Brackets == 0 && _scope.Blocks == 0:
                _scope.Expectation = ScriptExpectation.Nothing;
                break;
        }
    }

    private void EndBlock()
    {
        _scope.Blocks = Math.Max(0, _scope.Blocks - 1);
        if (_scope.Blocks == 0 && _scope.Parent is { } parent)
        {
            _scope = parent;
            _tokens.Add(new(ScriptTokenKind.FunctionEnd, ""));
        }
    }

    private void CloseParentheses()
    {
        int open = 0;
        foreach (ScriptToken token in _tokens)
        {
            open += token.Is("(") ? 1 : token.Is(")") && open > 0 ? -1 : 0;
        }

        for (; open > 0; open--)
        {
            _tokens.Add(new(ScriptTokenKind.Other, ")"));
        }
    }

    private static List<ScriptToken> WithoutUnescape(List<ScriptToken> tokens)
    {
        List<ScriptToken> folded = new(tokens.Count);
        for (int i = 0; i < tokens.Count; i++)
        {
            bool isCall = i + 3 < tokens.Count && tokens[i] is { Kind: ScriptTokenKind.Name, Text: "unescape" }
                && tokens[i + 1].Is("(") && tokens[i + 2].Kind == ScriptTokenKind.Text;
            folded.Add(isCall ? tokens[i + 2] with { Text = ScriptText.Unescape(tokens[i + 2].Text) } : tokens[i]);
            i += isCall ? 3 : 0;
        }

        return folded;
    }
}
