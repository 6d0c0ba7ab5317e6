/**
 * Where the fetched packages for graphics cards lie, and whether the model process is told of them. Read whenever
 * that process starts; the rest of GPU support is loaded when somebody asks for it.
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  FETCHED_GPU_KINDS,
  folderOf,
  GPU_SUPPORT_VERSION,
  gpuSupport,
} from "../../core/models/gpuSupport.js";
import { GPU_SUPPORT_FOLDER } from "../../shared/workerProtocol.js";

export class GpuFolder {
  /** In the extension's own storage; folders of versions are below it. */
  readonly path: string;
  #off = false;

  /** @param storage the extension's global storage. */
  constructor(storage: string) {
    this.path = join(storage, "gpu-support");
  }

  /** What the model process is started with. */
  environment(): Record<string, string> {
    return this.#off || this.fetched.length === 0 ? {} : { [GPU_SUPPORT_FOLDER]: this.#current };
  }

  /** Kinds that are here whole. */
  get fetched(): string[] {
    return FETCHED_GPU_KINDS.filter((kind) => {
      const main = gpuSupport(kind, process.platform, process.arch)?.packages.at(-1);
      return main !== undefined && existsSync(join(this.#current, folderOf(main.name)));
    });
  }

  /** Names of folders of other versions: the engine does not take them. */
  get stale(): string[] {
    if (!existsSync(this.path)) return [];
    return readdirSync(this.path).filter((name) => /^\d/.test(name) && name !== GPU_SUPPORT_VERSION);
  }

  /** Whether nothing is there at all, no part of a download either. */
  get isEmpty(): boolean {
    if (!existsSync(this.path)) return true;
    return !readdirSync(this.path, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile());
  }

  /** Until the window is reloaded the graphics card is not used, whatever is here. */
  turnOff(): void {
    this.#off = true;
  }

  turnOn(): void {
    this.#off = false;
  }

  get #current(): string {
    return join(this.path, GPU_SUPPORT_VERSION);
  }
}
