using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Symantec.Virtualization.InsightCache.Server.Redis;

/// <summary>Which Redis, Valkey or Garnet the servers of a cluster share, and what they keep there.</summary>
public sealed class InsightCacheRedisOptions
{
    /// <summary>Gets or sets where the engine is and how to log in, as StackExchange.Redis writes it: <c>redis1:6379,redis2:6379,ssl=true,user=cache,password=...</c>.</summary>
    [Required(ErrorMessage = "Where Redis is, as \"redis1:6379,ssl=true,password=...\", is needed.")]
    [RedisConfiguration]
    public string Configuration { get; set; } = "";

    /// <summary>Gets or sets the name of the cluster of servers; keys of the log begin with <c>ic:{name}:</c>.</summary>
    /// <value>The default value is <c>insight-cache</c>.</value>
    [Required]
    [RegularExpression("[A-Za-z0-9._-]{1,64}", ErrorMessage = "Up to 64 letters, digits, dots, hyphens and underscores are needed.")]
    public string Name { get; set; } = "insight-cache";

    /// <summary>Gets or sets about how many entries the stream keeps. A server that was away for longer loses votes, and no recall. An entry takes 32 bytes for each vote of a batch, and about 200.</summary>
    /// <value>The default value is 100,000.</value>
    [Range(1000, 100_000_000)]
    public long StreamLength { get; set; } = 100_000;
}

/// <summary>Says what StackExchange.Redis reads as a configuration.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RedisConfigurationAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        try
        {
            // A text that is missing is for another attribute to tell.
            return value is not string { Length: > 0 } text || ConfigurationOptions.Parse(text).EndPoints.Count > 0
                ? ValidationResult.Success
                : new ValidationResult("No address is in it.", [validationContext.MemberName!]);
        }
        catch (ArgumentException e)
        {
            return new ValidationResult(e.Message, [validationContext.MemberName!]);
        }
    }
}

[OptionsValidator]
internal sealed partial class InsightCacheRedisOptionsValidator : IValidateOptions<InsightCacheRedisOptions>;
