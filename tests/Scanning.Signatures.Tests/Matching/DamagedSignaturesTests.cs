namespace Symantec.Virtualization.Scanning.Signatures.Tests.Matching;

/// <summary>A sample of what tests/Fuzzing goes on with.</summary>
public class DamagedSignaturesTests
{
    [Fact]
    public void Damaged_lines_and_any_content_give_a_verdict()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            DamagedSignatures.Scan(seed);
        }
    }
}
