/** What this machine has for a model: memory, cores, and the graphics cards that the engine finds or could use. */

import { availableParallelism, freemem, totalmem } from "node:os";
import type { MachineInfo } from "../../shared/workerProtocol.js";
import { graphicsCards } from "./graphicsCards.js";
import { driverKinds, graphicsEngine } from "./loadedModel.js";

export async function machineInfo(): Promise<MachineInfo> {
  const [{ llama, fault }, kinds, cards] = await Promise.all([
    graphicsEngine(),
    driverKinds(),
    graphicsCards(),
  ]);
  const gpu = llama && {
    kind: String(llama.gpu),
    names: await llama.getGpuDeviceNames(),
    ...(await llama.getVramState()),
  };
  return {
    totalMemoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    cores: availableParallelism(),
    gpu: gpu && { names: gpu.names, kind: gpu.kind, totalBytes: gpu.total, freeBytes: gpu.free },
    found: { kinds, cards },
    ...(fault !== undefined && { gpuFault: fault }),
  };
}
