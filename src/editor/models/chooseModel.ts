/** The model picker: what is loaded, what lies on this machine, what fits it and can be fetched, and other sources. */

import { availableParallelism, freemem, totalmem } from "node:os";
import { basename } from "node:path";
import * as vscode from "vscode";
import { addressText, parseModelAddress } from "../../core/models/address.js";
import type { CatalogueEntry, Purpose } from "../../core/models/catalogue.js";
import type { Fit } from "../../core/models/fit.js";
import { GlassboxError } from "../../shared/errors.js";
import { formatCount } from "../../shared/formatCount.js";
import { gpuName } from "../../shared/gpuName.js";
import type { ModelInfo } from "../../shared/types.js";
import type { MachineInfo, ModelSource, UnfinishedDownload } from "../../shared/workerProtocol.js";
import { formatBytes } from "./formatBytes.js";
import { gpuOffers } from "./gpuSupport.js";
import {
  entryOfFile,
  type LocalModel,
  localModels,
  modelChoices,
  type OfferedModel,
} from "./modelChoices.js";
import type { ModelDownloads } from "./modelDownloads.js";

export interface PickerParts {
  downloads: ModelDownloads;
  /** Where fetched models lie. */
  folder: string;
  /** The built-in model's path where it has been made, and the value of the setting that asks for it. */
  builtIn: { path: string; setting: string } | undefined;
  /** The path of the active model, "" where there is none, and what it is where it is loaded. */
  active: { path: string; info: ModelInfo | undefined };
  contextSize: number;
  /** What the engine says of this machine; it takes a moment to look. */
  machine(): Promise<MachineInfo>;
  /** Kinds of GPU support that have been fetched. */
  fetchedGpu: readonly string[];
}

type Action =
  | { kind: "use"; setting: string }
  | { kind: "fetch"; source: ModelSource; name: string }
  | { kind: "address" }
  | { kind: "file" }
  | { kind: "gpu" };

interface Item extends vscode.QuickPickItem {
  action?: Action;
  unfinished?: UnfinishedDownload;
}

/** Lets the reader choose; answers the new value of `glassbox.model.path`, or undefined when nothing was chosen. */
export async function chooseModel(parts: PickerParts): Promise<string | undefined> {
  const action = await pick(parts);
  switch (action?.kind) {
    case undefined:
      return undefined;
    case "use":
      return action.setting;
    case "fetch":
      return parts.downloads.fetch(action.source, action.name);
    case "address": {
      const source = await askForAddress();
      return source && parts.downloads.fetch(source, addressText(source));
    }
    case "file":
      return browse();
    case "gpu":
      await vscode.commands.executeCommand("glassbox.getGpuSupport");
      return undefined;
  }
}

function pick(parts: PickerParts): Promise<Action | undefined> {
  const picker = vscode.window.createQuickPick<Item>();
  picker.title = vscode.l10n.t("Choose Model");
  picker.placeholder = vscode.l10n.t(
    "Each window loads its own: weights in main memory are shared, working memory is not.",
  );
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.busy = true;

  // Memory is known at once; the graphics card takes the engine a moment.
  let machine: MachineInfo = {
    totalMemoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    cores: availableParallelism(),
    gpu: undefined,
  };
  const fill = async () => {
    const [local, unfinished] = await Promise.all([localModels(parts.folder), parts.downloads.unfinished()]);
    const active = picker.activeItems[0]?.label;
    // In the title there is room for it; beside a section it would cover the first entry.
    picker.title = vscode.l10n.t("Choose Model: {0}", machineText(machine, parts.fetchedGpu));
    picker.items = itemsOf(parts, local, unfinished, machine);
    const again = picker.items.find(({ label }) => label === active);
    if (again) picker.activeItems = [again];
  };
  const fault = (error: unknown) => {
    picker.placeholder = GlassboxError.from(error).message;
  };
  void fill()
    .then(async () => {
      machine = await parts.machine();
      await fill();
    })
    .catch(fault)
    .finally(() => {
      picker.busy = false;
    });

  return new Promise((resolve) => {
    picker.onDidAccept(() => {
      resolve(picker.selectedItems[0]?.action);
      picker.hide();
    });
    picker.onDidTriggerItemButton(({ item: { unfinished } }) => {
      if (unfinished) parts.downloads.discard(unfinished.fileName).then(fill).catch(fault);
    });
    picker.onDidHide(() => {
      resolve(undefined);
      picker.dispose();
    });
    picker.show();
  });
}

function itemsOf(
  parts: PickerParts,
  local: LocalModel[],
  unfinished: UnfinishedDownload[],
  machine: MachineInfo,
): Item[] {
  const { active, builtIn } = parts;
  const isActive = ({ path }: LocalModel) => path === active.path;
  const choices = modelChoices(local, unfinished, machine, parts.contextSize);
  const items: Item[] = [];
  const section = (label: string, entries: Item[]) => {
    if (entries.length > 0) items.push({ label, kind: vscode.QuickPickItemKind.Separator }, ...entries);
  };
  section(
    active.info ? vscode.l10n.t("Loaded") : vscode.l10n.t("In use"),
    active.path === "" ? [] : [activeItem(parts)],
  );
  section(vscode.l10n.t("Graphics card"), gpuItems(parts, machine));
  section(vscode.l10n.t("Begun"), choices.unfinished.map(unfinishedItem));
  section(vscode.l10n.t("On this machine"), [
    ...choices.local.filter((model) => !isActive(model)).map(localItem),
    ...(builtIn && builtIn.path !== active.path ? [builtInItem(builtIn.setting)] : []),
  ]);
  section(vscode.l10n.t("Fits this machine"), choices.fitting.map(offeredItem));
  section(vscode.l10n.t("Larger"), choices.larger.map(offeredItem));
  section(vscode.l10n.t("Other sources"), [
    {
      label: `$(link) ${vscode.l10n.t("Enter an hf: Address…")}`,
      detail: vscode.l10n.t("Any GGUF file on Hugging Face, or a URL"),
      alwaysShow: true,
      action: { kind: "address" },
    },
    {
      label: `$(folder-opened) ${vscode.l10n.t("Open a GGUF File…")}`,
      detail: vscode.l10n.t("A file on this machine"),
      alwaysShow: true,
      action: { kind: "file" },
    },
  ]);
  return items;
}

function activeItem({ active, builtIn }: PickerParts): Item {
  const { path, info } = active;
  const isBuiltIn = builtIn?.path === path;
  const name = info?.name ?? entryOfFile(basename(path))?.name ?? basename(path);
  return {
    label: `$(check) ${isBuiltIn ? vscode.l10n.t("stories15M, built in") : name}`,
    description: info
      ? [
          info.quantisation,
          formatBytes(info.fileBytes),
          vscode.l10n.t("context {0}", formatCount(info.contextSize)),
          runsOn(info),
        ].join(", ")
      : vscode.l10n.t("not loaded yet"),
    detail: path,
    action: { kind: "use", setting: isBuiltIn ? builtIn.setting : path },
  };
}

function runsOn({ gpu, layerCount }: ModelInfo): string {
  if (!gpu) return vscode.l10n.t("on the processor");
  return gpu.layers > layerCount
    ? vscode.l10n.t("on the graphics card ({0})", gpuName(gpu.kind))
    : vscode.l10n.t(
        "{0} of {1} layers on the graphics card ({2})",
        gpu.layers,
        layerCount,
        gpuName(gpu.kind),
      );
}

function localItem({ path, fileName, bytes, entry }: LocalModel): Item {
  return {
    label: entry?.name ?? fileName,
    description: entry
      ? description(entry, bytes)
      : [formatBytes(bytes), vscode.l10n.t("on this machine")].join(", "),
    detail: entry ? purposeText(entry.purpose) : path,
    action: { kind: "use", setting: path },
  };
}

function builtInItem(setting: string): Item {
  return {
    label: vscode.l10n.t("stories15M, built in"),
    description: "17 MB, MIT, Q8_0",
    detail: vscode.l10n.t(
      "A story model of 15 million parameters. Fast and exact to look into; it has never seen code.",
    ),
    action: { kind: "use", setting },
  };
}

function unfinishedItem(unfinished: UnfinishedDownload): Item {
  const { fileName, source, receivedBytes, totalBytes } = unfinished;
  const name = entryOfFile(fileName)?.name ?? fileName;
  return {
    label: `$(cloud-download) ${vscode.l10n.t("Go on with {0}", name)}`,
    description: totalBytes
      ? vscode.l10n.t("{0} of {1} are here", formatBytes(receivedBytes), formatBytes(totalBytes))
      : vscode.l10n.t("{0} are here", formatBytes(receivedBytes)),
    detail: addressText(source),
    buttons: [
      { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Delete what has come of it") },
    ],
    action: { kind: "fetch", source, name },
    unfinished,
  };
}

function offeredItem({ entry, fit, neededBytes }: OfferedModel): Item {
  return {
    label: `$(cloud-download) ${entry.name}`,
    description: description(entry, entry.fileBytes),
    detail: `${purposeText(entry.purpose)} ${fitText(fit, neededBytes)}`,
    action: { kind: "fetch", source: entry.source, name: entry.name },
  };
}

function description(entry: CatalogueEntry, bytes: number): string {
  const context = vscode.l10n.t("context {0}", formatCount(entry.trainedContext));
  // What is decided by comes first: a narrow window cuts off the rest.
  return [formatBytes(bytes), entry.licence, entry.quantisation, context].join(", ");
}

function purposeText(purpose: Purpose): string {
  switch (purpose) {
    case "code":
      return vscode.l10n.t("Trained on code: explains and completes it.");
    case "explain":
      return vscode.l10n.t("Explains in good words; the larger, the fewer errors.");
    case "tools":
      return vscode.l10n.t("Calls tools by itself and thinks before it answers.");
    case "all-round":
      return vscode.l10n.t("Answers questions, calls tools, explains short code.");
    case "tiny":
      return vscode.l10n.t("Very small and fast: shows how little a model can be.");
    case "offline":
      return vscode.l10n.t(
        "From the npm registry, where nothing else is in reach. Strongly quantised: it often errs, which is instructive.",
      );
  }
}

function fitText(fit: Fit, neededBytes: number): string {
  const needed = formatBytes(neededBytes);
  switch (fit) {
    case "gpu":
      return vscode.l10n.t("Needs about {0}: fits the graphics card.", needed);
    case "memory":
      return vscode.l10n.t("Needs about {0} of memory.", needed);
    case "tight":
      return vscode.l10n.t("Needs about {0} of memory: close other programs first.", needed);
    case "too-large":
      return vscode.l10n.t("Needs about {0} of memory, more than this machine has to spare.", needed);
  }
}

function machineText(machine: MachineInfo, fetched: readonly string[]): string {
  const { freeMemoryBytes, cores, gpu } = machine;
  const memory = vscode.l10n.t("{0} of memory free, {1} cores", formatBytes(freeMemoryBytes), cores);
  if (gpu) {
    return vscode.l10n.t(
      "{0}, {1} with {2} free",
      memory,
      `${gpu.names.join(" + ")} (${gpuName(gpu.kind)})`,
      formatBytes(gpu.freeBytes),
    );
  }
  const cards = machine.found?.cards.join(" + ") ?? "";
  if (cards === "") return memory;
  if (fetched.length > 0) return vscode.l10n.t("{0}, {1} found but not used", memory, cards);
  if (gpuOffers(machine, fetched).length === 0) return memory;
  return vscode.l10n.t("{0}, GPU found: {1}, its support is not downloaded", memory, cards);
}

/** What could be had for a graphics card that is seen, or why the one with support is not used. */
function gpuItems({ fetchedGpu }: PickerParts, machine: MachineInfo): Item[] {
  const cards = machine.found?.cards.join(" + ") ?? "";
  const best = gpuOffers(machine, fetchedGpu).at(0);
  if (machine.gpu || (cards === "" && machine.gpuFault === undefined)) return [];
  if (machine.gpuFault === undefined && (!best || fetchedGpu.length > 0)) return [];
  return [
    {
      label: `$(circuit-board) ${vscode.l10n.t("Get GPU Support…")}`,
      description: [cards, best && gpuName(best.support.kind), best && formatBytes(best.packedBytes)]
        .filter(Boolean)
        .join(", "),
      detail:
        machine.gpuFault ??
        vscode.l10n.t("The engine's code for this graphics card is not here. It is fetched only on request."),
      alwaysShow: true,
      action: { kind: "gpu" },
    },
  ];
}

async function askForAddress(): Promise<ModelSource | undefined> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Enter an hf: Address"),
    prompt: vscode.l10n.t("hf:user/repository/file.gguf, hf:user/repository:quantisation, or a URL"),
    placeHolder: "hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf",
    ignoreFocusOut: true,
    validateInput: (value) => {
      try {
        parseModelAddress(value);
        return undefined;
      } catch (error) {
        return GlassboxError.from(error).message;
      }
    },
  });
  return text === undefined ? undefined : parseModelAddress(text);
}

/** Any GGUF file. @returns its path; undefined when none was chosen. */
export async function browse(): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Open a GGUF File"),
    filters: { [vscode.l10n.t("GGUF models")]: ["gguf"] },
    canSelectMany: false,
  });
  return files?.[0]?.fsPath;
}
