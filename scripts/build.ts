/**
 * Bundles the extension, its workers, the webviews and the tests into dist/, and makes the data that is built
 * rather than committed. `build --watch` keeps on building.
 */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type BuildOptions, build, context, type Metafile, type Plugin, transform } from "esbuild";
import { makeEncodings } from "./encodings.js";
import { buildKernels } from "./kernel.js";
import { makePrices } from "./prices.js";
import { makePythonSnapshot } from "./pythonSnapshot.js";
import { makeTexts } from "./texts.js";

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

/** A window that was opened with the chunks of an earlier build may still want one. */
const KEEP_OLD_CHUNKS_MS = 3_600_000;

/** Gives the code of a bundle the texts where they are there: `texts.ts` of this folder. */
function textsOf(folder: string): Plugin {
  return {
    name: "texts",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/texts\.js$/ }, () => ({ path: join(root, folder, "texts.ts") }));
    },
  };
}

/**
 * The extension in chunks, so that a starting editor reads only what `activate` needs and each feature its own part
 * when it is first used. esbuild splits ES modules only, and the extension host wants CommonJS: each chunk is turned
 * into that by itself, which leaves `require` where `import` stood.
 */
function extension(outdir: string): BuildOptions {
  return {
    ...common,
    entryPoints: [join(root, "src/extension.ts")],
    outdir,
    platform: "node",
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    target: "node20",
    external,
    minify: true,
    sourcemap: "inline",
    write: false,
    plugins: [textsOf("src/editor"), writeAsCommonJs],
  };
}

const writeAsCommonJs: Plugin = {
  name: "write-as-common-js",
  setup({ initialOptions, onEnd }) {
    const { sourcemap, minify = false } = initialOptions;
    onEnd(async ({ outputFiles = [] }) => {
      await Promise.all(
        outputFiles.map(async ({ path, text }) => {
          const { code, map } = await transform(text, {
            format: "cjs",
            platform: "node",
            target: "node20",
            minify,
            sourcefile: path,
            // The extension host's own `require` knows the module "vscode".
            supported: { "dynamic-import": false },
            ...(sourcemap ? { sourcemap: "external" } : {}),
            logLevel: "warning",
          });
          if (sourcemap) await put(`${path}.map`, map);
          await put(path, sourcemap ? `${code}//# sourceMappingURL=${basename(path)}.map\n` : code);
        }),
      );
    });
  },
};

/** Writes a file whole: a window that is open may read it at any moment. */
async function put(path: string, text: string): Promise<void> {
  if (existsSync(path) && (await readFile(path, "utf8")) === text)
    return utimes(path, new Date(), new Date());
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
}

/** Takes away chunks that no build of the last hour has made. */
async function forgetOldChunks(folder: string, outputs: string[]): Promise<void> {
  const made = new Set(outputs.map((path) => join(root, path)));
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    const path = join(folder, name);
    if (made.has(path) || made.has(path.replace(/\.map$/, ""))) continue;
    if (Date.now() - (await stat(path)).mtimeMs > KEEP_OLD_CHUNKS_MS) await rm(path, { force: true });
  }
}

/** The extension for VS Code in a browser: one file, as nothing can be loaded later there, and nothing of Node. */
function webExtension(outdir: string): BuildOptions {
  return {
    ...common,
    entryPoints: [join(root, "src/extension.ts")],
    outdir,
    platform: "browser",
    format: "cjs",
    target: "chrome128",
    external: ["vscode"],
    inject: [join(root, "src/web/globals.ts")],
    plugins: [
      textsOf("src/editor"),
      {
        name: "without-node",
        setup({ onResolve }) {
          onResolve({ filter: /^node:/ }, () => ({ path: join(root, "src/web/node.ts") }));
        },
      },
    ],
    minify: true,
  };
}

function workers(outdir: string): BuildOptions {
  return {
    ...common,
    entryPoints: ["model", "lens", "sandbox", "sandboxPython", "download", "training"].map((name) =>
      join(root, "src/workers", `${name}.ts`),
    ),
    outdir,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    format: "esm",
    target: "node20",
    banner: esmBanner,
    external,
    plugins: [textsOf("src/workers")],
    minify: true,
  };
}

/** One entry a panel: every folder of webview/ that has a main.tsx. */
async function webviews(outdir: string): Promise<BuildOptions> {
  const folders = await readdir(join(root, "webview"));
  const panels = folders.filter((name) => existsSync(join(root, "webview", name, "main.tsx")));
  return {
    ...common,
    entryPoints: Object.fromEntries(panels.map((name) => [name, join(root, "webview", name, "main.tsx")])),
    outdir,
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
    plugins: [textsOf("webview")],
    minify: true,
  };
}

async function tests(): Promise<BuildOptions> {
  const files = [join(root, "test/mochaReporter.ts")];
  for (const suite of ["core", "workers", "vscode", "ui", "model", "package"]) {
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

/** Files of packages that are used as they are: from a package's folder into a folder of dist/. */
const ASSETS: { from: string; folder?: string; files: string[]; to: string }[] = [
  {
    from: "@jitl/quickjs-wasmfile-release-sync",
    folder: "dist",
    files: ["emscripten-module.wasm"],
    to: "quickjs",
  },
  {
    from: "@vscode/tree-sitter-wasm",
    folder: "wasm",
    files: [
      "tree-sitter.js",
      "tree-sitter.wasm",
      ..."bash c-sharp cpp css go java javascript php python ruby rust tsx typescript"
        .split(" ")
        .map((name) => `tree-sitter-${name}.wasm`),
    ],
    to: "tree-sitter",
  },
  { from: "tree-sitter-c", files: ["tree-sitter-c.wasm"], to: "tree-sitter" },
  { from: "tree-sitter-html", files: ["tree-sitter-html.wasm"], to: "tree-sitter" },
  { from: "tree-sitter-json", files: ["tree-sitter-json.wasm"], to: "tree-sitter" },
  { from: "@tree-sitter-grammars/tree-sitter-yaml", files: ["tree-sitter-yaml.wasm"], to: "tree-sitter" },
  { from: "@l1xnan/tree-sitter-sql", files: ["tree-sitter-sql.wasm"], to: "tree-sitter" },
  {
    from: "pyodide",
    files: ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"],
    to: "pyodide",
  },
];

/** The packages that files of dist/ are copied from. */
export const ASSET_PACKAGES: readonly string[] = ASSETS.map(({ from }) => from);

async function copyAssets(): Promise<void> {
  for (const { from, folder = "", files, to } of ASSETS) {
    await mkdir(join(dist, to), { recursive: true });
    for (const file of files) await cp(join(root, "node_modules", from, folder, file), join(dist, to, file));
  }
}

/** Makes what is built once and read by the bundles as it is. */
async function makeData(): Promise<void> {
  await copyAssets();
  await makePythonSnapshot(join(dist, "pyodide"));
  await buildKernels();
  await makeEncodings();
  await makePrices();
  await makeTexts();
}

/** What the extension is made of, apart from data: what runs in the editor, in its processes and in its panels. */
async function bundles(folder: string): Promise<BuildOptions[]> {
  return [
    extension(folder),
    webExtension(join(folder, "web")),
    workers(join(folder, "workers")),
    await webviews(join(folder, "webview")),
  ];
}

/**
 * Bundles for a package: into a folder of their own, without source maps.
 * @returns what went into which file, for their sizes and licences.
 */
export async function buildForPackage(folder: string): Promise<Metafile[]> {
  const built = (await bundles(folder)).map((options) =>
    build({ ...options, sourcemap: false, metafile: true }),
  );
  return (await Promise.all(built)).map(({ metafile }) => metafile);
}

export async function buildAll(options: { tests: boolean }): Promise<void> {
  await makeData();
  const all = await bundles(dist);
  const built = await Promise.all(all.map((bundle) => build({ ...bundle, metafile: true })));
  if (options.tests) await build(await tests());
  const made = built.flatMap(({ metafile }) => Object.keys(metafile.outputs));
  for (const folder of ["chunks", "webview/chunks"]) await forgetOldChunks(join(dist, folder), made);
}

export async function main(args: string[]): Promise<void> {
  if (!args.includes("--watch")) return buildAll({ tests: true });
  await makeData();
  for (const options of await bundles(dist)) await (await context({ ...options, minify: false })).watch();
  console.log("Watching for changes …");
  await new Promise(() => {});
}
