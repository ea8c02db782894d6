using Symantec.Virtualization.Examples.VieTool;
using Symantec.Virtualization.VirtualTagging;

// The Virtual Image Exception tool: seals a base image, so that its clones skip what did not change.
return await VieToolProgram.RunAsync(args, static () => new VirtualizationDetector().Detect(), Console.Error);
