using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>Answers that nearly are some.</summary>
public class GarbageTests
{
    /// <summary>A well-formed answer to one content, of which one byte is changed or some are cut off or added.</summary>
    [Property(MaxTest = 150)]
    public Property A_damaged_answer_is_refused_or_still_well_formed_and_never_read_beyond_its_end(byte[] added, byte value, ushort place, byte cut)
        => Prop.ForAll(Gen.Choose(0, 2).ToArbitrary(), damage => CheckAsync(Damage(damage, added, value, place, cut)).GetAwaiter().GetResult());

    private static byte[] Damage(int damage, byte[] added, byte value, ushort place, byte cut)
    {
        byte[] frame = new byte[LookupAnswerFrame.FrameLength(1)];
        LookupAnswerFrame.WriteHeader(frame, 1, DefinitionsStanding.Current, 0, 5, 1);
        switch (damage)
        {
            case 0:
                frame[place % frame.Length] ^= value;
                return frame;
            case 1:
                return frame[..(cut % frame.Length)];
            default:
                return [.. frame, .. added];
        }
    }

    private static async Task<bool> CheckAsync(byte[] frame)
    {
        byte[] answer = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {Routes.FrameMediaType}\r\nContent-Length: {frame.Length}\r\n\r\n"), .. frame];
        await using ScriptedServer server = ScriptedServer.Answering(() => answer);
        await using Machine machine = new(new InsightCacheClientOptions { Address = server.Address, AuditShare = 0, LatencyBudget = TimeSpan.FromSeconds(20) }, new CountingEngine());
        ExemptionAnswer given = Assert.Single(await FaultTests.AskAsync(machine, "a"));
        bool isAnswer = true;
        try
        {
            LookupAnswerFrame.Parse(frame, 1);
        }
        catch (FrameException)
        {
            isAnswer = false;
        }

        return given.Kind == ExemptionKind.Scan || (isAnswer && (frame[^1] | frame[^2]) != 0);
    }
}
