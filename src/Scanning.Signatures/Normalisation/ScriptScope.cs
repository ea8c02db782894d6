namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a scope of a script waits for.</summary>
internal enum ScriptExpectation
{
    Nothing,
    Variable,
    Initializer,
    FunctionName,
    ParameterList,
    Parameter,
}

/// <summary>A scope of a script: the names that a function declares.</summary>
/// <param name="parent">The scope around it.</param>
internal sealed class ScriptScope(ScriptScope? parent)
{
    /// <summary>No program nests functions so deep; names of scopes further out are left as they are.</summary>
    private const int MaxDepth = 64;

    private readonly Dictionary<string, int> _declared = new(StringComparer.Ordinal);

    public ScriptScope? Parent => parent;

    public ScriptExpectation Expectation { get; set; } = parent is null ? ScriptExpectation.Nothing : ScriptExpectation.FunctionName;

    public int Brackets { get; set; }

    public int Blocks { get; set; }

    /// <summary>Gets or sets a value indicating whether the last token was a dot, so that a member's name follows.</summary>
    public bool IsBehindDot { get; set; }

    /// <summary>Declares a name; declared again, it gets another number everywhere.</summary>
    public void Declare(string name, int number) => _declared[name] = number;

    /// <summary>Finds a name's number in the scope or those around it.</summary>
    public int? Find(string name)
    {
        ScriptScope? scope = this;
        for (int depth = 0; scope is not null && depth < MaxDepth; depth++, scope = scope.Parent)
        {
            if (scope._declared.TryGetValue(name, out int number))
            {
                return number;
            }
        }

        return null;
    }
}
