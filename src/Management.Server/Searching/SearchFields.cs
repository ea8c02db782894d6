using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Server.Storage;
using Filter = System.Linq.Expressions.Expression<System.Func<Symantec.Virtualization.Management.Server.Storage.ClientRecord, bool>>;

namespace Symantec.Virtualization.Management.Server;

/// <summary>A field of the query language, for people.</summary>
/// <param name="Name">The field.</param>
/// <param name="Meaning">What it looks at.</param>
/// <param name="Example">A term with it.</param>
public sealed record SearchFieldHelp(string Name, string Meaning, string Example);

/// <summary>Queries as conditions over columns. Every value is a parameter of the statement; no text of a query becomes part of it.</summary>
internal static class SearchFields
{
    private const string Escape = "\\";

    private static readonly DateTimeOffset Earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, Field> Known = new(StringComparer.Ordinal)
    {
        ["name"] = Text("the host's name", "name:web*", static c => c.NameKey),
        ["hypervisor"] = Text("the hypervisor's product or family", "hypervisor:vmware", static c => c.Product, static c => c.Family),
        ["product"] = Text("the hypervisor's product", "product:proxmox", static c => c.Product),
        ["family"] = Text("the hypervisor's family", "family:kvm", static c => c.Family),
        ["vendor"] = Text("who makes the hypervisor", "vendor:microsoft*", static c => c.Vendor),
        ["platform"] = Text("the platform as administrators know it", "platform:*vsphere*", static c => c.Platform),
        ["hypervisor-version"] = Text("the hypervisor's version", "hypervisor-version:8.*", static c => c.HypervisorVersion),
        ["interface"] = Text("the interface that the hypervisor shows", "interface:hyperv", static c => c.Interface),
        ["mode"] = Text("the kind of guest", "mode:hvm", static c => c.Mode),
        ["machine"] = Text("physical, virtual or unknown; none where nothing was reported", "machine:unknown", static c => c.Machine),
        ["role"] = Text("guest, root, dom0, l1vh, host or none", "role:guest", static c => c.Role),
        ["cloud"] = Text("the cloud", "cloud:aws,azure", static c => c.Cloud),
        ["instance"] = Text("the type of the cloud's instance", "instance:c5.*", static c => c.InstanceType),
        ["container"] = Text("the container's runtime", "-container:none", static c => c.Container),
        ["orchestrator"] = Text("the container's orchestrator", "orchestrator:kubernetes", static c => c.Orchestrator),
        ["confidential"] = Text("how the guest's memory is kept from its host", "confidential:sev-snp", static c => c.Confidential),
        ["broker"] = Text("the broker of the virtual desktop", "broker:horizon", static c => c.Broker),
        ["pool"] = Text("pooled, assigned or unknown", "pool:pooled", static c => c.Pool),
        ["made"] = Text("how the machine was made from its base image", "made:instant-clone", static c => c.MadeAs),
        ["persistent"] = Text("yes, no, or none where it is not known", "persistent:no", static c => c.Persistent),
        ["chain"] = Text("the layers, the outermost first", "chain:*hyperv*", static c => c.Chain),
        ["agent"] = Text("the agent's version", "agent:1.2.*", static c => c.AgentVersion.ToLower()),
        ["engine"] = Text("the scan engine", "engine:clamav", static c => c.Engine.ToLower()),
        ["definitions"] = Text("the version of its definitions", "definitions:27*", static c => c.Definitions.ToLower()),
        ["policy"] = Text("the tag of the policy that it follows", "policy:none", static c => c.PolicyTag),
        ["hardware"] = Text("what stays with the hardware", "hardware:5f*", static c => c.HardwareId.ToLower()),
        ["state"] = Choice("idle, scanning, impaired or stopping", "state:impaired", static c => c.State),
        ["standing"] = Choice("normal, clone, superseded, generation-changed or shared-credentials", "standing:clone", static c => c.Standing),
        ["contradictory"] = Flag("whether evidence contradicts the tag", "contradictory:yes", static c => c.Contradictory),
        ["generation-id"] = Flag("whether the hypervisor tells a generation", "generation-id:no", static c => c.HasGenerationId),
        ["detections"] = Number("how many infected contents it has reported", "detections:>0", static c => c.Detections),
        ["lastseen"] = Age("when it was last heard of: an age, or a day", "lastseen:<7d", static c => c.LastSeen),
        ["enrolled"] = Age("when it enrolled", "enrolled:>2026-11-01", static c => c.Enrolled),
        ["lastdetection"] = Age("when it last found something", "lastdetection:<1d", static c => c.LastDetection ?? Earliest),
        ["published"] = Age("when its definitions were published", "published:>3d", static c => c.DefinitionsPublished ?? Earliest),
        ["group"] = new Field("the group, by its name or path, and all below it", "group:\"/VDI/Floor 1\"", InGroup),
        ["image"] = new Field("a base image in use", "image:win11-*", static (term, scope) => OfImages(term, scope)),
        ["seal"] = new Field("a seal in use", "seal:0b0e4c6a-5b1e-4d6b-9d1f-3a3f8f1f2a11", OfSeal),
        ["id"] = new Field("the client's identifier", "id:0199c0de-0000-7000-8000-000000000000", OfId),
    };

    private delegate Filter Translator(SearchTerm term, Scope scope);

    /// <summary>Gets the fields, for people.</summary>
    public static IReadOnlyList<SearchFieldHelp> Help { get; } =
    [
        .. Known.Select(static pair => new SearchFieldHelp(pair.Key, pair.Value.Meaning, pair.Value.Example)),
        new SearchFieldHelp("property.NAME", "a property of the host", "property.os:windows*"),
    ];

    /// <summary>Makes a condition of each term.</summary>
    /// <exception cref="SearchQueryException">A field or a value is not known.</exception>
    public static IQueryable<ClientRecord> Apply(IQueryable<ClientRecord> clients, SearchQuery query, Scope scope)
    {
        foreach (SearchTerm term in query.Terms)
        {
            Filter filter = Translate(term, scope);
            clients = clients.Where(term.Negated ? Expression.Lambda<Func<ClientRecord, bool>>(Expression.Not(filter.Body), filter.Parameters) : filter);
        }

        return clients;
    }

    private static Filter Translate(SearchTerm term, Scope scope)
    {
        const string PropertyPrefix = "property.";
        return term.Field is null ? FreeText(term)
            : Known.TryGetValue(term.Field, out Field? field) ? field.Translate(term, scope)
            : term.Field.StartsWith(PropertyPrefix, StringComparison.Ordinal) && term.Field.Length > PropertyPrefix.Length ? OfProperty(term, term.Field[PropertyPrefix.Length..], scope)
            : throw new SearchQueryException(term.Position, $"there is no field of this name. Fields are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))} and property.NAME.");
    }

    private static Filter FreeText(SearchTerm term) => Any(term.Values.Select(static value =>
    {
        string pattern = $"%{Pattern(value)}%";
        Filter filter = c => EF.Functions.Like(c.SearchText, pattern, Escape);
        return filter;
    }));

    private static Field Text(string meaning, string example, params Expression<Func<ClientRecord, string>>[] columns) => new(
        meaning,
        example,
        (term, _) =>
        {
            RequireEquality(term);
            return Any(term.Values.SelectMany(value => columns.Select(column => Match(column, value))));
        });

    /// <summary>A column is a value, fits a pattern, or is empty for <c>none</c>.</summary>
    private static Filter Match(Expression<Func<ClientRecord, string>> column, SearchValue value)
    {
        if (!value.Quoted && value.Text.Contains('*', StringComparison.Ordinal))
        {
            string pattern = Pattern(value);
            return On(column, text => EF.Functions.Like(text, pattern, Escape));
        }

        string key = value.Text.ToLowerInvariant();
        return !value.Quoted && key == "none" ? On(column, static text => text == "" || text == "none") : On(column, text => text == key);
    }

    /// <summary>A value as a pattern of LIKE, in which only an unquoted star means anything.</summary>
    private static string Pattern(SearchValue value)
    {
        string escaped = value.Text.ToLowerInvariant()
            .Replace(Escape, Escape + Escape, StringComparison.Ordinal)
            .Replace("%", Escape + "%", StringComparison.Ordinal)
            .Replace("_", Escape + "_", StringComparison.Ordinal);
        return value.Quoted ? escaped : escaped.Replace('*', '%');
    }

    private static Field Choice<T>(string meaning, string example, Expression<Func<ClientRecord, T>> column)
        where T : struct, Enum
        => new(
            meaning,
            example,
            (term, _) =>
            {
                RequireEquality(term);
                T[] choices =
                [
                    .. term.Values.SelectMany(value =>
                    {
                        T[] fitting = [.. Enum.GetValues<T>().Where(choice => string.Equals(TagColumns.Word(choice), value.Text, StringComparison.OrdinalIgnoreCase))];
                        return fitting.Length > 0 ? fitting : throw new SearchQueryException(value.Position, $"{term.Field} is {string.Join(", ", Enum.GetValues<T>().Select(TagColumns.Word))}.");
                    }),
                ];
                return On(column, value => choices.Contains(value));
            });

    private static Field Flag(string meaning, string example, Expression<Func<ClientRecord, bool>> column) => new(
        meaning,
        example,
        (term, _) =>
        {
            RequireEquality(term);
            return Any(term.Values.Select(value =>
            {
                bool wanted = value.Text.ToLowerInvariant() switch
                {
                    "yes" or "true" => true,
                    "no" or "false" => false,
                    _ => throw new SearchQueryException(value.Position, $"{term.Field} is yes or no."),
                };
                return On(column, flag => flag == wanted);
            }));
        });

    private static Field Number(string meaning, string example, Expression<Func<ClientRecord, long>> column) => new(
        meaning,
        example,
        (term, _) => Any(term.Values.Select(value =>
        {
            if (!long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                throw new SearchQueryException(value.Position, $"{term.Field} is compared with a number: {example}.");
            }

            return term.Comparison switch
            {
                SearchComparison.Less => On(column, n => n < number),
                SearchComparison.LessOrEqual => On(column, n => n <= number),
                SearchComparison.Greater => On(column, n => n > number),
                SearchComparison.GreaterOrEqual => On(column, n => n >= number),
                _ => On(column, n => n == number),
            };
        })));

    /// <summary>An age is compared with the time since: younger than a week is less than seven days ago. A day is compared as a day.</summary>
    private static Field Age(string meaning, string example, Expression<Func<ClientRecord, DateTimeOffset>> column) => new(
        meaning,
        example,
        (term, scope) => Any(term.Values.Select(value =>
        {
            if (TryAge(value.Text, out TimeSpan age))
            {
                DateTimeOffset moment = scope.Now - age;
                return term.Comparison switch
                {
                    SearchComparison.Less => On(column, time => time > moment),
                    SearchComparison.LessOrEqual => On(column, time => time >= moment),
                    SearchComparison.Greater => On(column, time => time < moment),
                    SearchComparison.GreaterOrEqual => On(column, time => time <= moment),
                    _ => throw new SearchQueryException(value.Position, $"an age is compared with < or >: {term.Field}:<{value.Text}."),
                };
            }

            if (!DateOnly.TryParseExact(value.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) || day.Year is < 1970 or > 9998)
            {
                throw new SearchQueryException(value.Position, $"{term.Field} is compared with an age as 30m, 12h, 7d or 4w, or with a day as 2026-11-26.");
            }

            DateTimeOffset start = new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            DateTimeOffset end = start.AddDays(1);
            return term.Comparison switch
            {
                SearchComparison.Less => On(column, time => time < start),
                SearchComparison.LessOrEqual => On(column, time => time < end),
                SearchComparison.Greater => On(column, time => time >= end),
                SearchComparison.GreaterOrEqual => On(column, time => time >= start),
                _ => And(On(column, time => time >= start), On(column, time => time < end)),
            };
        })));

    private static bool TryAge(string text, out TimeSpan age)
    {
        age = default;
        if (text.Length is < 2 or > 6 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return false;
        }

        int? minutes = char.ToLowerInvariant(text[^1]) switch
        {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            'w' => 7 * 24 * 60,
            _ => null,
        };
        age = TimeSpan.FromMinutes((long)number * (minutes ?? 0));
        return minutes is not null && age.TotalDays <= 36_500;
    }

    private static Filter InGroup(SearchTerm term, Scope scope)
    {
        RequireEquality(term);
        int[] groups = scope.Groups.Within(group => term.Values.Any(value => FitsGroup(group, value)));
        return c => groups.Contains(c.GroupId);
    }

    private static bool FitsGroup(ClientGroup group, SearchValue value)
    {
        string subject = value.Text.StartsWith('/') ? group.Path : group.Name;
        return value.Quoted || !value.Text.Contains('*', StringComparison.Ordinal)
            ? string.Equals(subject, value.Text, StringComparison.OrdinalIgnoreCase)
            : System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(value.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal), subject, ignoreCase: true);
    }

    private static Filter OfImages(SearchTerm term, Scope scope)
    {
        RequireEquality(term);
        ManagementContext context = scope.Context;
        return Any(term.Values.Select(value =>
        {
            if (!value.Quoted && value.Text.Contains('*', StringComparison.Ordinal))
            {
                string pattern = Pattern(value);
                return (Filter)(c => context.Images.Any(i => i.ClientId == c.Id && EF.Functions.Like(i.ImageKey, pattern, Escape)));
            }

            string key = value.Text.ToLowerInvariant();
            return !value.Quoted && key == "none"
                ? (c => !context.Images.Any(i => i.ClientId == c.Id))
                : (c => context.Images.Any(i => i.ClientId == c.Id && i.ImageKey == key));
        }));
    }

    private static Filter OfSeal(SearchTerm term, Scope scope)
    {
        Guid[] ids = Identifiers(term);
        ManagementContext context = scope.Context;
        return c => context.Images.Any(i => i.ClientId == c.Id && ids.Contains(i.SealId));
    }

    private static Filter OfId(SearchTerm term, Scope scope)
    {
        Guid[] ids = Identifiers(term);
        return c => ids.Contains(c.Id);
    }

    private static Guid[] Identifiers(SearchTerm term)
    {
        RequireEquality(term);
        return [.. term.Values.Select(value => Guid.TryParse(value.Text, out Guid id) ? id : throw new SearchQueryException(value.Position, $"{term.Field} is an identifier of 32 hexadecimal digits."))];
    }

    private static Filter OfProperty(SearchTerm term, string name, Scope scope)
    {
        RequireEquality(term);
        ManagementContext context = scope.Context;
        return Any(term.Values.Select(value =>
        {
            if (!value.Quoted && value.Text.Contains('*', StringComparison.Ordinal))
            {
                string pattern = Pattern(value);
                return (Filter)(c => context.Properties.Any(p => p.ClientId == c.Id && p.Name == name && EF.Functions.Like(p.ValueKey, pattern, Escape)));
            }

            string key = value.Text.ToLowerInvariant();
            return c => context.Properties.Any(p => p.ClientId == c.Id && p.Name == name && p.ValueKey == key);
        }));
    }

    private static void RequireEquality(SearchTerm term)
    {
        if (term.Comparison != SearchComparison.Equal)
        {
            throw new SearchQueryException(term.Position, $"{term.Field} is not compared with < or >.");
        }
    }

    /// <summary>Puts a column in the place of a condition's parameter.</summary>
    private static Filter On<T>(Expression<Func<ClientRecord, T>> column, Expression<Func<T, bool>> condition)
        => Expression.Lambda<Func<ClientRecord, bool>>(new Replacement(condition.Parameters[0], column.Body).Visit(condition.Body), column.Parameters);

    private static Filter And(Filter left, Filter right) => Join(left, right, Expression.AndAlso);

    private static Filter Any(IEnumerable<Filter> filters) => filters.Aggregate(static (left, right) => Join(left, right, Expression.OrElse));

    private static Filter Join(Filter left, Filter right, Func<Expression, Expression, BinaryExpression> join)
        => Expression.Lambda<Func<ClientRecord, bool>>(join(left.Body, new Replacement(right.Parameters[0], left.Parameters[0]).Visit(right.Body)), left.Parameters);

    /// <summary>What terms may refer to.</summary>
    public sealed record Scope(ManagementContext Context, GroupTree.Snapshot Groups, DateTimeOffset Now);

    private sealed record Field(string Meaning, string Example, Translator Translate);

    private sealed class Replacement(ParameterExpression parameter, Expression by) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? by : base.VisitParameter(node);
    }
}
