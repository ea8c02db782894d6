namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Says that a line is no signature, and which field is wrong. It never leaves the loader, which makes an entry of its report of it.</summary>
/// <param name="fieldName">The field: <c>offset</c>, <c>body</c>, <c>expression</c> ...</param>
/// <param name="detail">What is wrong with it.</param>
internal sealed class SignatureSyntaxException(string fieldName, string detail) : Exception(detail)
{
    public string Field => fieldName;
}

/// <summary>Says that a signature is well formed and asks for something that this engine does not do.</summary>
/// <param name="reason">What it asks for, the same words for all that ask for the same.</param>
internal sealed class UnsupportedSignatureException(string reason) : Exception(reason);
