using System.Text;

namespace Symantec.Virtualization.Peers;

/// <summary>The EICAR test file, put together in memory: no file of the project may contain it, or a developer's own scanner would take the file away.</summary>
public static class Eicar
{
    /// <summary>Gets the 68 characters.</summary>
    public static byte[] Bytes => Encoding.ASCII.GetBytes(new string([.. @"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\4[PA@%P!O5X".Reverse()]));
}
