using Symantec.Virtualization.Scanning.ClamAv;

#region run-a-worker
if (args is ["clamav-worker", string definitions])
{
    ClamAvWorker.Run(Console.OpenStandardInput(), Console.OpenStandardOutput(), new LibClamAvOptions { DatabasePath = definitions });
}
#endregion
