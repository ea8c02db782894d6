namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a token of a script is, as far as it matters for renaming and folding.</summary>
internal enum ScriptTokenKind
{
    /// <summary>An operator, a bracket, a keyword or a member's name: it stays as it is.</summary>
    Other,

    /// <summary>A name that may be a variable's.</summary>
    Name,

    /// <summary>A string without its quotes and escapes.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>The word that begins a function.</summary>
    Function,

    /// <summary>The end of a function: nothing stands there.</summary>
    FunctionEnd,
}

/// <summary>A token of a script.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its characters.</param>
/// <param name="Scope">The scope that a function begins.</param>
internal readonly record struct ScriptToken(ScriptTokenKind Kind, string Text, ScriptScope? Scope = null)
{
    public bool Is(string text) => Kind == ScriptTokenKind.Other && Text == text;
}
