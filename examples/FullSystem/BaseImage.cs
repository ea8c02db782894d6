using System.Diagnostics;
using System.Text;

namespace Symantec.Virtualization.Examples.FullSystem;

/// <summary>The files of a machine.</summary>
/// <param name="Root">Where the files of a machine are, as the machine sees it.</param>
/// <param name="Disk">Its disk, which it mounts there; <see langword="null"/> if the files are in the folder.</param>
internal sealed record Clone(string Root, string? Disk);

/// <summary>The base image of the story, and its clones: disks of their own where this program may mount some, else folders that are copied file by file, marks and all.</summary>
internal sealed class BaseImage : IAsyncDisposable
{
    private readonly string _folder;
    private readonly List<string> _mounted = [];

    private BaseImage(string folder, bool isDisk) => (_folder, IsDisk) = (folder, isDisk);

    /// <summary>Gets a value indicating whether the image is a disk, so that clones are copied block for block and known without being read.</summary>
    public bool IsDisk { get; }

    public string Root => Path.Combine(_folder, "base");

    public static async Task<BaseImage> MakeAsync(string folder, int files, CancellationToken cancellationToken)
    {
        BaseImage image = new(folder, await CanMountAsync(cancellationToken));
        Directory.CreateDirectory(image.Root);
        if (image.IsDisk)
        {
            await ToolAsync("truncate", ["-s", "192M", image.DiskOf("base")], cancellationToken);
            await ToolAsync("mkfs.ext4", ["-q", "-F", image.DiskOf("base")], cancellationToken);
            await image.MountAsync("base", cancellationToken);
        }

        for (int i = 0; i < files; i++)
        {
            string path = Path.Combine(image.Root, "Program Files", $"Product {i % 20}", $"part{i}.dll");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, ContentOf(i), cancellationToken);
        }

        return image;
    }

    /// <summary>Gets the content of a file of the image, by its number.</summary>
    public static byte[] ContentOf(int number)
    {
        Random random = new(number);
        byte[] bytes = new byte[random.Next(1_000, 60_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Makes a clone of the image as it is now. A disk is copied and not mounted: each machine mounts its own, where no other sees it.</summary>
    public async Task<Clone> CloneAsync(string name, CancellationToken cancellationToken)
    {
        string root = Path.Combine(_folder, name);
        if (!IsDisk)
        {
            await CopyFolderAsync(Root, root, cancellationToken);
            return new Clone(root, Disk: null);
        }

        await ToolAsync("cp", ["--sparse=always", DiskOf("base"), DiskOf(name)], cancellationToken);
        Directory.CreateDirectory(root);
        return new Clone(root, DiskOf(name));
    }

    /// <summary>Takes the image off the system, as the last step before it is distributed.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (IsDisk && _mounted.Remove(Root))
        {
            await ToolAsync("umount", [Root], cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string root in _mounted)
        {
            await ToolAsync("umount", ["-l", root], CancellationToken.None, mayFail: true);
        }
    }

    /// <summary>Copies a folder with the marks of its files: .NET copies the streams of Windows, and not the attributes of Linux.</summary>
    private static async Task CopyFolderAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows())
        {
            await ToolAsync("cp", ["-a", from, to], cancellationToken);
            return;
        }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private async Task MountAsync(string name, CancellationToken cancellationToken)
    {
        string root = Path.Combine(_folder, name);
        await ToolAsync("mount", ["-o", "loop", DiskOf(name), root], cancellationToken);
        _mounted.Add(root);
    }

    private string DiskOf(string name) => Path.Combine(_folder, $"{name}.disk");

    private static async Task<bool> CanMountAsync(CancellationToken cancellationToken)
        => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/dev/loop-control")
            && await TryAsync("mkfs.ext4", ["-V"], cancellationToken) && await TryAsync("mount", ["--version"], cancellationToken);

    private static async Task<bool> TryAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            await ToolAsync(program, arguments, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task ToolAsync(string program, string[] arguments, CancellationToken cancellationToken, bool mayFail = false)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardErrorEncoding = Encoding.UTF8 };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        _ = await output;
        if (process.ExitCode != 0 && !mayFail)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
        }
    }
}
