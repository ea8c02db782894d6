namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>A field of a form: label, control, hint, and what is wrong with it, tied together for whoever does not see them side by side.</summary>
internal sealed class Field(string name, string label, Notice? notice = null, string? hint = null, string? prefix = null)
{
    private readonly string _id = (prefix is null ? "" : prefix + "-") + IdOf(name);
    private readonly string? _error = notice?.About(name);

    /// <summary>A name as an identifier of the page.</summary>
    public static string IdOf(string name) => "f-" + string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-'));

    public Markup Text(string? value, string type = "text", string? complete = null, bool isRequired = false, int most = 0, string? list = null) => Wrap(
        $"""
        <input id="{_id}" name="{name}" type="{type}" value="{value}"{Attribute("autocomplete", complete)}{Flag("required", isRequired)}{Attribute("maxlength", most > 0 ? most.ToString(System.Globalization.CultureInfo.InvariantCulture) : null)}{Attribute("list", list)}{Described()}>
        """);

    public Markup Area(string? value, int rows, bool isCode = false) => Wrap(
        $"""
        <textarea id="{_id}" name="{name}" rows="{rows}"{(isCode ? CodeAttributes : Markup.None)}{Described()}>
        {value}</textarea>
        """);

    public Markup Choice(IEnumerable<(string Value, string Label)> choices, string? chosen) => Wrap(
        $"""
        <select id="{_id}" name="{name}"{Described()}>{Markup.Each(choices, choice => $"""<option value="{choice.Value}"{Flag("selected", choice.Value == chosen)}>{choice.Label}</option>""")}</select>
        """);

    public Markup Check(bool isOn) =>
        $"""
        <div class="field check"><input id="{_id}" name="{name}" type="checkbox" value="on"{Flag("checked", isOn)}{Described()}><label for="{_id}">{label}</label>{After()}</div>
        """;

    public static Markup Attribute(string name, string? value) => value is null ? Markup.None : (Markup)$""" {name}="{value}" """;

    public static Markup Flag(string name, bool isSet) => isSet ? $" {name}" : Markup.None;

    private static Markup CodeAttributes => $""" class="code" spellcheck="false" wrap="off" """;

    private Markup Wrap(Markup control) => $"""<div class="field"><label for="{_id}">{label}</label>{control}{After()}</div>""";

    private Markup After() =>
        $"""
        {(hint is null ? Markup.None : $"""<p class="hint" id="{_id}-hint">{hint}</p>""")}{(_error is null ? Markup.None : $"""<p class="wrong" id="{_id}-error">{_error}</p>""")}
        """;

    private Markup Described()
    {
        string ids = string.Join(' ', ((string?[])[_error is null ? null : _id + "-error", hint is null ? null : _id + "-hint"]).OfType<string>());
        return $"""{Attribute("aria-describedby", ids.Length > 0 ? ids : null)}{Attribute("aria-invalid", _error is null ? null : "true")}""";
    }
}
