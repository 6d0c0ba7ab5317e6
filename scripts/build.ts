/**
 * Bundles the extension, its workers, the webviews and the tests into dist/, and makes the data that is built
 * rather than committed. `build --watch` keeps on building.
 */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BuildOptions, build, context } from "esbuild";
import { makeEncodings } from "./encodings.js";
import { buildKernels } from "./kernel.js";
import { makePrices } from "./prices.js";
import { makePythonSnapshot } from "./pythonSnapshot.js";

const root = process.cwd();
const dist = join(root, "dist");

/** Kept out of every bundle: the first must keep its folder structure, the second exists only in the host. */
const external = ["node-llama-cpp", "vscode"];

const common: BuildOptions = {
  bundle: true,
  sourcemap: "linked",
  logLevel: "warning",
  legalComments: "none",
};

// An ES module has no `require`, which bundled CommonJS packages call.
const esmBanner = {
  js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

const extension: BuildOptions = {
  ...common,
  entryPoints: [join(root, "src/extension.ts")],
  outfile: join(dist, "extension.js"),
  platform: "node",
  format: "cjs",
  target: "node20",
  external,
  minify: true,
};

async function workers(): Promise<BuildOptions> {
  return {
    ...common,
    entryPoints: ["model", "lens", "sandbox", "sandboxPython", "download"].map((name) =>
      join(root, "src/workers", `${name}.ts`),
    ),
    outdir: join(dist, "workers"),
    outExtension: { ".js": ".mjs" },
    platform: "node",
    format: "esm",
    target: "node20",
    banner: esmBanner,
    external,
    minify: true,
  };
}

/** One entry a panel: every folder of webview/ that has a main.tsx. */
async function webviews(): Promise<BuildOptions> {
  const folders = await readdir(join(root, "webview"));
  const panels = folders.filter((name) => existsSync(join(root, "webview", name, "main.tsx")));
  return {
    ...common,
    entryPoints: Object.fromEntries(panels.map((name) => [name, join(root, "webview", name, "main.tsx")])),
    outdir: join(dist, "webview"),
    platform: "browser",
    format: "esm",
    // The toolkit and the shared parts are loaded once; imports of a module with a nonce inherit the nonce.
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    target: "chrome128",
    jsx: "automatic",
    jsxImportSource: "preact",
    // FAST's React wrapper and others look at it.
    define: { "process.env.NODE_ENV": '"production"' },
    minify: true,
  };
}

async function tests(): Promise<BuildOptions> {
  const files = [join(root, "test/mochaReporter.ts")];
  for (const suite of ["core", "workers", "vscode", "ui", "model"]) {
    const folder = join(root, "test", suite);
    if (!existsSync(folder)) continue;
    for (const file of await readdir(folder, { recursive: true })) {
      if (file.endsWith(".test.ts") || basename(file) === "index.ts") files.push(join(folder, file));
    }
  }
  return {
    ...common,
    entryPoints: files,
    outdir: join(dist, "test"),
    outbase: join(root, "test"),
    platform: "node",
    // The extension host loads test modules by `require`.
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    target: "node20",
    packages: "external",
    external: ["vscode"],
    sourcemap: "inline",
  };
}

/** Files that are used as they are: wasm modules and style sheets of packages. */
async function copyAssets(): Promise<void> {
  const grammars = "bash c-sharp cpp css go java javascript php python ruby rust tsx typescript".split(" ");
  const assets: [from: string, to: string][] = [
    ["@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm", "quickjs"],
    ...["tree-sitter.js", "tree-sitter.wasm", ...grammars.map((name) => `tree-sitter-${name}.wasm`)].map(
      (file): [string, string] => [`@vscode/tree-sitter-wasm/wasm/${file}`, "tree-sitter"],
    ),
    ["tree-sitter-c/tree-sitter-c.wasm", "tree-sitter"],
    ["tree-sitter-html/tree-sitter-html.wasm", "tree-sitter"],
    ["tree-sitter-json/tree-sitter-json.wasm", "tree-sitter"],
    ["@tree-sitter-grammars/tree-sitter-yaml/tree-sitter-yaml.wasm", "tree-sitter"],
    ["@l1xnan/tree-sitter-sql/tree-sitter-sql.wasm", "tree-sitter"],
  ];
  for (const file of [
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
  ]) {
    assets.push([`pyodide/${file}`, "pyodide"]);
  }
  for (const [from, to] of assets) {
    await mkdir(join(dist, to), { recursive: true });
    await cp(join(root, "node_modules", from), join(dist, to, basename(from)), { recursive: true });
  }
}

export async function buildAll(options: { tests: boolean }): Promise<void> {
  await copyAssets();
  await makePythonSnapshot(join(dist, "pyodide"));
  await buildKernels();
  await makeEncodings();
  await makePrices();
  const bundles = [extension, await workers(), await webviews()];
  if (options.tests) bundles.push(await tests());
  await Promise.all(bundles.map((bundle) => build(bundle)));
}

export async function main(args: string[]): Promise<void> {
  if (!args.includes("--watch")) return buildAll({ tests: true });
  await copyAssets();
  await makePythonSnapshot(join(dist, "pyodide"));
  await buildKernels();
  await makeEncodings();
  await makePrices();
  for (const options of [extension, await workers(), await webviews()]) {
    await (await context({ ...options, minify: false })).watch();
  }
  console.log("Watching for changes …");
  await new Promise(() => {});
}
