using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Examples.ServiceHosting;

/// <summary>Where a server listens, by which certificate it is known, and what it writes down.</summary>
public abstract class ServerOptions
{
    /// <summary>Gets or sets an address of this machine, <c>any</c>, or <c>localhost</c>.</summary>
    [Required]
    [RegularExpression("any|localhost|[0-9a-fA-F:.]+", ErrorMessage = "{0}: any, localhost, or an address of this machine is needed.")]
    public string Listen { get; set; } = "any";

    /// <summary>Gets or sets a PFX or PEM file; the server then speaks HTTPS only.</summary>
    public string? Certificate { get; set; }

    /// <summary>Gets or sets the PEM file of its private key, where the certificate's file does not hold it.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>Gets or sets the password of a PFX file.</summary>
    public string? CertificatePassword { get; set; }

    /// <summary>Gets the log file.</summary>
    [ValidateObjectMembers]
    public LogFileOptions LogFile { get; init; } = new();

    /// <summary>Gets the address.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public IPAddress Address => Listen switch
    {
        "any" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(Listen, out IPAddress? address) ? address : throw new FormatException($"Listen: {Listen} is no address."),
    };

    /// <summary>Reads the certificate; <see langword="null"/> if the server speaks HTTP.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It cannot be read.</exception>
    public X509Certificate2? LoadCertificate() => Certificate is not { } file
        ? null
        : Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12"
            ? X509CertificateLoader.LoadPkcs12FromFile(file, CertificatePassword)
            : X509Certificate2.CreateFromPemFile(file, CertificateKey);
}
