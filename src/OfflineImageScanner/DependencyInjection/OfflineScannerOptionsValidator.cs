using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>Checks the options when the host starts.</summary>
[OptionsValidator]
internal sealed partial class OfflineScannerOptionsValidator : IValidateOptions<OfflineScannerOptions>;
