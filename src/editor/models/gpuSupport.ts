/**
 * GPU support on request: says which graphics card is there and what the engine lacks to use it, fetches that when
 * the reader asks for it, takes it away again, and tells once when the card cannot be used after all.
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import {
  FETCHED_GPU_KINDS,
  type FetchedGpuKind,
  GPU_SUPPORT_LICENCE,
  GPU_SUPPORT_VERSION,
  type GpuSupport,
  gpuSupport,
  weightOf,
} from "../../core/models/gpuSupport.js";
import { GlassboxError } from "../../shared/errors.js";
import { gpuName } from "../../shared/gpuName.js";
import type { Caller } from "../../shared/rpc.js";
import type { DownloadProtocol, MachineInfo, ModelProtocol } from "../../shared/workerProtocol.js";
import { wholeSetting } from "../settings.js";
import { formatBytes } from "./formatBytes.js";
import type { GpuFolder } from "./gpuFolder.js";
import { fetchPausably } from "./pausableDownload.js";

/** Which fault the reader has been told of, so that it is told once. */
const TOLD = "glassbox.gpuFaultTold";

export interface GpuParts {
  folder: GpuFolder;
  model: Caller<ModelProtocol>;
  download(): Caller<DownloadProtocol>;
  /** Ends the model process; it starts anew, with what is here then, at its next request. */
  restartModel(): void;
  memory: vscode.Memento;
  log: vscode.LogOutputChannel;
}

interface Offer {
  support: GpuSupport;
  packedBytes: number;
  unpackedBytes: number;
}

/** Support that the drivers of this machine are there for and that is not here yet, best first. */
export function gpuOffers(machine: MachineInfo, fetched: readonly string[]): Offer[] {
  return FETCHED_GPU_KINDS.filter((kind) => machine.found?.kinds.includes(kind) && !fetched.includes(kind))
    .map((kind) => gpuSupport(kind, process.platform, process.arch))
    .filter((support) => support !== undefined)
    .map((support) => ({ support, ...weightOf(support) }));
}

export class GpuSupportFeature {
  readonly #parts: GpuParts;

  constructor(parts: GpuParts) {
    this.#parts = parts;
  }

  /** Asks which support is wanted, fetches it and tries it. */
  async get(): Promise<void> {
    const { folder, model } = this.#parts;
    if (!vscode.workspace.isTrusted) {
      throw new GlassboxError(
        "unsupported",
        vscode.l10n.t("GPU support is fetched only in a window whose workspace is trusted."),
        vscode.l10n.t("Trust the workspace, or open another window."),
      );
    }
    const machine = await model.call("machine", {});
    const offers = gpuOffers(machine, folder.fetched);
    if (offers.length === 0) return this.#sayWhyNone(machine);
    const offer = await pick(offers, machine);
    if (!offer) return;
    if (await this.#fetch(offer.support)) await this.#tryIt(offer.support.kind);
  }

  /** Deletes all that has been fetched, after asking. */
  async remove(): Promise<void> {
    const { folder } = this.#parts;
    if (folder.isEmpty) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t("There is no GPU support to remove: none has been fetched."),
      );
      return;
    }
    const remove = vscode.l10n.t("Remove");
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t("Remove the GPU support that was fetched?"),
      { modal: true, detail: vscode.l10n.t("Models run on the processor then. It can be fetched again.") },
      remove,
    );
    if (answer !== remove) return;
    await this.#delete(folder.path);
    void vscode.window.showInformationMessage(
      vscode.l10n.t("The GPU support is removed. Models run on the processor."),
    );
  }

  /** Tells why the graphics card is not used although its support is here; the same only once. */
  async tellFault(reason: string): Promise<void> {
    const { memory, log } = this.#parts;
    const fault = `${GPU_SUPPORT_VERSION}: ${reason}`;
    if (memory.get(TOLD) === fault) return;
    await memory.update(TOLD, fault);
    log.warn(reason);
    const removeIt = vscode.l10n.t("Remove GPU Support");
    const showLog = vscode.l10n.t("Show Log");
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t("The graphics card is not used; the model runs on the processor. {0}", reason),
      removeIt,
      showLog,
    );
    if (answer === removeIt) await this.remove();
    else if (answer === showLog) log.show();
  }

  /** The process ended while it used the card, or loaded onto it: until the window is reloaded it does without. */
  async crashed(): Promise<void> {
    if (gpuLayersSetting() === 0) return;
    this.#parts.folder.turnOff();
    await this.tellFault(
      vscode.l10n.t("The model process ended while it used it; a reloaded window tries it again."),
    );
  }

  /** What an earlier version of the extension has fetched is of no use to this one. */
  async replaceStale(): Promise<void> {
    const { folder } = this.#parts;
    for (const name of folder.stale) await removeFolder(join(folder.path, name));
    if (folder.fetched.length > 0) return;
    const get = vscode.l10n.t("Get GPU Support");
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        "Glassbox has a newer engine. The GPU support of the old one is removed; models run on the processor until it is fetched anew.",
      ),
      get,
    );
    if (answer === get) await this.get();
  }

  #sayWhyNone(machine: MachineInfo): void {
    const { folder } = this.#parts;
    void vscode.window.showInformationMessage(whyNone(machine, folder.fetched));
  }

  /** @returns whether it is here; false where the reader paused it and left it at that. */
  async #fetch({ kind, packages }: GpuSupport): Promise<boolean> {
    const { path } = this.#parts.folder;
    const download = this.#parts.download();
    const fetched = await fetchPausably({
      name: vscode.l10n.t("GPU support ({0})", gpuName(kind)),
      command: vscode.l10n.t("Get GPU Support"),
      fetch: (options) => download.call("fetchPackages", { packages, folder: path }, options),
      discard: () => removeFolder(join(path, "downloads")),
    });
    return fetched !== undefined;
  }

  /** Starts the model process anew and says what it makes of the card. */
  async #tryIt(kind: FetchedGpuKind): Promise<void> {
    const { folder, model, memory, restartModel } = this.#parts;
    folder.turnOn();
    await memory.update(TOLD, undefined);
    restartModel();
    const { gpu, gpuFault } = await model.call("machine", {});
    if (!gpu) {
      return this.tellFault(gpuFault ?? vscode.l10n.t("{0} does not start on this machine.", gpuName(kind)));
    }
    const found = vscode.l10n.t(
      "GPU support is here: {0} through {1}, with {2} free.",
      gpu.names.join(" + "),
      gpuName(gpu.kind),
      formatBytes(gpu.freeBytes),
    );
    const off = vscode.l10n.t("Settings > Glassbox > Model: GPU Layers is 0, so it is not used.");
    const on = vscode.l10n.t("The next request loads the model onto it.");
    void vscode.window.showInformationMessage(`${found} ${gpuLayersSetting() === 0 ? off : on}`);
  }

  async #delete(path: string): Promise<void> {
    const { memory, restartModel } = this.#parts;
    // Windows keeps files that a process has loaded.
    restartModel();
    await removeFolder(path);
    await memory.update(TOLD, undefined);
  }
}

/** Below 0 where the engine decides. */
const gpuLayersSetting = (): number => wholeSetting("glassbox.model.gpuLayers", -1, 0);

/** The end of a process that held the files may still be under way. */
function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

async function pick(offers: readonly Offer[], { found }: MachineInfo): Promise<Offer | undefined> {
  const cards = found?.cards.join(" + ") ?? "";
  const items = offers.map((offer) => {
    const { support, packedBytes, unpackedBytes } = offer;
    const kind = gpuName(support.kind);
    return {
      label: `$(cloud-download) ${kind}`,
      description: vscode.l10n.t(
        "{0} to fetch, {1} on the disk, {2}",
        formatBytes(packedBytes),
        formatBytes(unpackedBytes),
        GPU_SUPPORT_LICENCE,
      ),
      detail: [
        kindText(support.kind),
        vscode.l10n.t(
          "From the npm registry of this machine: {0}.",
          support.packages.map(({ name, version }) => `${name}@${version}`).join(", "),
        ),
      ].join(" "),
      offer,
    };
  });
  const chosen = await vscode.window.showQuickPick(items, {
    title: cards === "" ? vscode.l10n.t("Get GPU Support") : vscode.l10n.t("Get GPU Support: {0}", cards),
    placeHolder: vscode.l10n.t("From the npm registry, checked, and removable."),
    ignoreFocusOut: true,
  });
  return chosen?.offer;
}

function kindText(kind: FetchedGpuKind): string {
  return kind === "cuda"
    ? vscode.l10n.t("For NVIDIA's cards with CUDA, which is installed here: the fastest.")
    : vscode.l10n.t("For cards of any maker whose driver has Vulkan.");
}

/** Why nothing is offered. */
export function whyNone({ gpu, gpuFault, found }: MachineInfo, fetched: readonly string[]): string {
  if (gpu) {
    return vscode.l10n.t(
      "The engine uses {0} through {1} already. There is nothing to fetch.",
      gpu.names.join(" + "),
      gpuName(gpu.kind),
    );
  }
  if (fetched.length > 0) {
    const here = vscode.l10n.t("The GPU support is here, but the graphics card is not used.");
    return gpuFault === undefined ? here : `${here} ${gpuFault}`;
  }
  if (FETCHED_GPU_KINDS.every((kind) => !gpuSupport(kind, process.platform, process.arch))) {
    return vscode.l10n.t(
      "There is no GPU support to fetch for this platform ({0}).",
      `${process.platform}-${process.arch}`,
    );
  }
  const missing = vscode.l10n.t(
    "No driver was found that the engine could use: neither Vulkan nor NVIDIA's with CUDA. Install the driver of the graphics card, then try again.",
  );
  const cards = found?.cards ?? [];
  return cards.length === 0 ? missing : `${cards.join(" + ")}: ${missing}`;
}
