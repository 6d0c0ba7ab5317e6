/** What this machine has for a model: memory, cores, and the graphics cards that the engine finds. */

import { availableParallelism, freemem, totalmem } from "node:os";
import type { MachineInfo } from "../../shared/workerProtocol.js";
import { engine } from "./loadedModel.js";

export async function machineInfo(): Promise<MachineInfo> {
  const llama = await engine("auto");
  const gpu =
    llama.gpu === false
      ? undefined
      : { kind: llama.gpu, names: await llama.getGpuDeviceNames(), ...(await llama.getVramState()) };
  return {
    totalMemoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    cores: availableParallelism(),
    gpu: gpu && { names: gpu.names, kind: gpu.kind, totalBytes: gpu.total, freeBytes: gpu.free },
  };
}
