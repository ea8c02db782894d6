using System.Globalization;
using Npgsql;
using Symantec.Virtualization.Peers;

[assembly: AssemblyFixture(typeof(Symantec.Virtualization.Management.Server.Tests.PostgresServer))]

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>A real PostgreSQL server in a temporary folder, reached by a socket in it and by nothing else; started for the first test that needs it.</summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lock Starting = new();
    private static PostgresServer? _running;
    private static int _databases;

    private TemporaryFolder? _folder;

    /// <summary>Makes an empty database.</summary>
    /// <returns>How it is reached.</returns>
    public static string MakeDatabase()
    {
        Peer.Require("initdb", "pg_ctl");
        lock (Starting)
        {
            PostgresServer server = _running ?? throw new InvalidOperationException("The fixture of the assembly is not there.");
            server.Start();
            string name = string.Create(CultureInfo.InvariantCulture, $"manager{++_databases}");
            using NpgsqlConnection connection = new(server.ConnectionOf("postgres"));
            connection.Open();
            using NpgsqlCommand command = new($"CREATE DATABASE {name}", connection);
            command.ExecuteNonQuery();
            return server.ConnectionOf(name);
        }
    }

    public PostgresServer() => _running = this;

    public void Dispose()
    {
        if (_folder is not null)
        {
            RunAsOwner("pg_ctl", "-D", _folder["data"], "-m", "immediate", "-w", "stop");
            _folder.Dispose();
        }
    }

    private string ConnectionOf(string database) => $"Host={_folder!.Path};Username=postgres;Database={database};Pooling=true;Maximum Pool Size=10";

    private void Start()
    {
        if (_folder is not null)
        {
            return;
        }

        TemporaryFolder folder = new();
        if (Environment.IsPrivilegedProcess)
        {
            Peer.Run("chown", "postgres", folder.Path);
        }

        RunAsOwner("initdb", "-D", folder["data"], "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        RunAsOwner("pg_ctl", "-D", folder["data"], "-l", folder["log"], "-o", $"-c listen_addresses='' -c fsync=off -c max_connections=200 -k {folder.Path}", "-w", "start");
        _folder = folder;
    }

    /// <summary>The server does not run as root.</summary>
    private static void RunAsOwner(string program, params string[] arguments)
    {
        string path = Peer.Find(program)!;
        if (Environment.IsPrivilegedProcess)
        {
            Peer.Run("runuser", ["-u", "postgres", "--", path, .. arguments]);
        }
        else
        {
            Peer.Run(path, arguments);
        }
    }
}
