namespace Symantec.Virtualization.Peers;

/// <summary>Data of public projects to test with, which is not part of this project: <c>shared/data</c> beside the checkout or above it.</summary>
public static class SharedData
{
    /// <summary>Gets the path of a file or folder of the data; skips the test if it is not there.</summary>
    public static string Require(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine([folder.FullName, "shared", "data", .. parts]);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"needs {string.Join('/', parts)} of the shared test data, which is not part of the project");
        return "";
    }
}
