/**
 * Lets the engine find the packages for graphics cards that have been fetched, and says why one of them does not
 * start where that is so.
 */

import { fork } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire, register } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { FETCHED_GPU_KINDS, folderOf, gpuSupport } from "../../core/models/gpuSupport.js";
import { gpuName } from "../../shared/gpuName.js";
import { t } from "../../shared/l10n.js";
import { GPU_SUPPORT_FOLDER } from "../../shared/workerProtocol.js";

/**
 * node-llama-cpp imports its packages by their names, which Node would look for beside it only. Names that are no
 * keys of `places` go their usual way.
 */
const RESOLVER = `
let places = {};
export function initialize(given) { places = given; }
export function resolve(name, context, next) {
  return Object.hasOwn(places, name) ? { url: places[name], shortCircuit: true } : next(name, context);
}`;

/** A driver that does not answer at all is as good as none. */
const PROBE_MS = 60_000;

/** Where the packages lie, by their names; none where none have been fetched. */
function fetchedPackages(): Map<string, string> {
  const folder = process.env[GPU_SUPPORT_FOLDER];
  if (folder === undefined) return new Map();
  const names = new Set(readdirSync(folder));
  const packages = FETCHED_GPU_KINDS.flatMap(
    (kind) => gpuSupport(kind, process.platform, process.arch)?.packages ?? [],
  );
  return new Map(
    packages
      .filter(({ name }) => names.has(folderOf(name)))
      .map(({ name }) => [name, join(folder, folderOf(name))]),
  );
}

let registered = false;

/** To be called before the engine is started; a process in which nothing was fetched is left as it is. */
export function offerFetchedPackages(): void {
  const places = [...fetchedPackages()].map(
    ([name, folder]) => [name, pathToFileURL(join(folder, "dist", "index.js")).href] as const,
  );
  if (registered || places.length === 0) return;
  registered = true;
  register(`data:text/javascript,${encodeURIComponent(RESOLVER)}`, { data: Object.fromEntries(places) });
}

/** What a process that only tries a binary says; the engine's own, see its testBindingBinary.js. */
type ProbeMessage = { type: "ready" | "loaded" | "done" };

/**
 * Why the best support that has been fetched does not start on this machine, in the words of the engine and the
 * driver. Undefined where none has been fetched.
 */
export function whyNotStarted(): Promise<string | undefined> {
  answer ??= tryFetched();
  return answer;
}

let answer: Promise<string | undefined> | undefined;

async function tryFetched(): Promise<string | undefined> {
  const packages = fetchedPackages();
  const kind = FETCHED_GPU_KINDS.find((each) => {
    const main = gpuSupport(each, process.platform, process.arch)?.packages.at(-1);
    return main !== undefined && packages.has(main.name);
  });
  if (kind === undefined) return undefined;
  const reason = await probe(
    kind,
    gpuSupport(kind, process.platform, process.arch)!.packages.map(({ name }) => packages.get(name)),
  );
  return t("The support for {0} is here, but it does not start: {1}.", gpuName(kind), reason);
}

/** Loads the binary in a process of its own. @param folders of the packages, the one with the binary last. */
function probe(kind: string, folders: readonly (string | undefined)[]): Promise<string> {
  const bins = (folder: string | undefined) => {
    if (folder === undefined) return undefined;
    const inside = join(folder, "bins");
    const [build] = readdirSync(inside);
    return build === undefined ? undefined : join(inside, build);
  };
  const own = bins(folders.at(-1));
  if (own === undefined) return Promise.resolve(t("its files are not complete"));
  const extra = folders.length > 1 ? bins(folders[0]) : undefined;
  // Found from the script that runs, as the engine itself is.
  const engine = createRequire(process.argv[1]!).resolve("node-llama-cpp");
  const child = fork(join(dirname(engine), "bindings", "utils", "testBindingBinary.js"), [], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, TEST_BINDING_CP: "true" },
    execArgv: [],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    said = (said + chunk).slice(-8000);
  });
  const request = { bindingBinaryPath: join(own, "llama-addon.node"), extBackendsPath: extra, gpu: kind };
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), PROBE_MS);
    const end = (reason: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      resolve(reason);
    };
    child.on("message", ({ type }: ProbeMessage) => {
      if (type === "ready") child.send({ type: "start", ...request });
      else if (type === "loaded") child.send({ type: "test", ...request });
      else if (type === "done") end(t("it started when it was tried again"));
    });
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => end(errorLine(said) ?? t("it ended with {0}", signal ?? code ?? 1)));
  });
}

/** The first line that names an error, without what Node prints around it. */
export function errorLine(output: string): string | undefined {
  const line = output.split("\n").find((each) => /\bError: /.test(each));
  return line?.replace(/^.*?\bError: /, "").trim();
}
