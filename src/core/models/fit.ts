/** Whether a model fits this machine: what it needs in memory against what there is. */

import type { MachineInfo } from "../../shared/workerProtocol.js";

/** The context that the estimate reckons with unless the settings ask for another, in tokens. */
export const USUAL_CONTEXT = 4096;
/** The engine's compute buffers, its process and the vocabulary: measured at 0.2 to 0.5 GB for 0.5 to 8 B models. */
const OVERHEAD_BYTES = 400 * 2 ** 20;
/** The editor, the browser and the system want to live too. */
const KEEP_FREE_BYTES = 1.5 * 2 ** 30;

export interface ModelNeeds {
  /** Size of the GGUF file: the weights lie in memory as they lie in the file. */
  fileBytes: number;
  /** 2 (keys, values) x layers x key heads x head size x 2 bytes (f16). */
  kvBytesPerToken: number;
  trainedContext: number;
}

/** An estimate in bytes; the engine's own, from the file's header, is more exact once the file is here. */
export function memoryNeeded(needs: ModelNeeds, contextSize: number): number {
  const context = Math.min(contextSize > 0 ? contextSize : USUAL_CONTEXT, needs.trainedContext);
  return needs.fileBytes + context * needs.kvBytesPerToken + OVERHEAD_BYTES;
}

export type Fit =
  /** All of it on the graphics card. */
  | "gpu"
  /** In main memory, beside everything else that runs. */
  | "memory"
  /** Only when other programs are closed. */
  | "tight"
  | "too-large";

/** @param needed bytes, see `memoryNeeded`. */
export function fitOf(needed: number, machine: MachineInfo): Fit {
  if (machine.gpu && needed < 0.9 * machine.gpu.freeBytes) return "gpu";
  if (needed + KEEP_FREE_BYTES <= machine.freeMemoryBytes) return "memory";
  if (needed + KEEP_FREE_BYTES <= machine.totalMemoryBytes) return "tight";
  return "too-large";
}
