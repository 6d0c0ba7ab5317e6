/** Finds the graphics cards of this machine without the engine's code for them, by what the system tells. */

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Asked while a list is on the screen: a program that takes longer is not waited for. */
const PROGRAM_MS = 3000;
/** Where Windows keeps its display adapters. */
const DISPLAY_ADAPTERS =
  "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}";
/** PCI's numbers of those who make them. */
const VENDORS: Readonly<Record<string, string>> = { "0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel" };

/** Their names as far as the system tells them, else their makers'; none where none is seen. */
export async function graphicsCards(): Promise<string[]> {
  if (process.platform === "win32")
    return adapterNames(await said("reg", ["query", DISPLAY_ADAPTERS, "/s", "/v", "DriverDesc"]));
  if (process.platform !== "linux") return [];
  const nvidia = await nvidiaCards();
  const others = await cardVendors();
  return [...nvidia, ...others.filter((vendor) => vendor !== "NVIDIA" || nvidia.length === 0)];
}

/** Names in what `reg query` prints: a key's line, then `DriverDesc    REG_SZ    Name`. */
export function adapterNames(output: string): string[] {
  const names = [...output.matchAll(/^\s+DriverDesc\s+REG_SZ\s+(.*?)\s*$/gm)].map(([, name]) => name!);
  // Remote desktops and machines without a card have one that only draws.
  return [...new Set(names)].filter((name) => !/^Microsoft (Basic|Remote|Hyper-V)/.test(name));
}

/** Of the NVIDIA driver: what it writes into /proc, else (as in WSL) what its own program prints. */
async function nvidiaCards(): Promise<string[]> {
  const folder = "/proc/driver/nvidia/gpus";
  const found: string[] = [];
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const text = await readFile(join(folder, name, "information"), "utf8").catch(() => "");
    const model = /^Model:\s+(.*?)\s*$/m.exec(text)?.[1];
    if (model) found.push(model);
  }
  if (found.length > 0) return found;
  const output = await said("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"]);
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** The makers of the cards that Linux knows, one a card. */
async function cardVendors(): Promise<string[]> {
  const folder = "/sys/class/drm";
  const cards = (await readdir(folder).catch((): string[] => [])).filter((name) => /^card\d+$/.test(name));
  const vendors = await Promise.all(
    cards.map((card) => readFile(join(folder, card, "device", "vendor"), "utf8").catch(() => "")),
  );
  return vendors.map((vendor) => VENDORS[vendor.trim()]).filter((vendor) => vendor !== undefined);
}

/** What a program prints; nothing where it is not there, fails, or takes too long. */
async function said(program: string, args: string[]): Promise<string> {
  const run = promisify(execFile)(program, args, { timeout: PROGRAM_MS, windowsHide: true });
  return run.then(
    ({ stdout }) => stdout,
    () => "",
  );
}
