/** Reads every import of src/ and webview/ and fails on an arrow that the layout of the house does not have. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";

interface Arrow {
  file: string;
  /** A path from the root for files of ours, else the name of the package as it is written. */
  target: string;
  /** Whether only types are taken, which leave no trace in the bundle. */
  typeOnly: boolean;
}

const root = process.cwd();

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`, each at its place in the code. */
const statement =
  /^\s*(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

/** All imports of a file, `typeof import("x")` among them. */
function importsOf(source: string): { specifier: string; typeOnly: boolean }[] {
  const withoutComments = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...withoutComments.matchAll(statement)].map((match) => ({
    specifier: (match[3] ?? match[4])!,
    typeOnly: match[2] !== undefined || /typeof\s+$/.test(withoutComments.slice(0, match.index)),
  }));
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name).split(sep).join("/"));
}

/** From the specifier in a file to the file that is meant, relative to the root. */
function resolveTarget(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const path = normalize(join(dirname(file), specifier))
    .split(sep)
    .join("/");
  const candidates = [path, path.replace(/\.js$/, ".ts"), path.replace(/\.js$/, ".tsx")];
  return candidates.find((candidate) => existsSync(join(root, candidate))) ?? path;
}

const files = [...sourceFiles("src"), ...sourceFiles("webview")].filter(
  // AssemblyScript: a language of its own, compiled by itself.
  (file) => !/^src\/core\/(lens|tokens)\/kernel\/assembly\//.test(file),
);

const arrows: Arrow[] = files.flatMap((file) =>
  importsOf(readFileSync(join(root, file), "utf8")).map(({ specifier, typeOnly }) => ({
    file,
    target: resolveTarget(file, specifier),
    typeOnly,
  })),
);

/** The parts of the house, by the beginning of the path; the first that fits counts. */
const parts: [name: string, path: RegExp][] = [
  ["shared", /^src\/shared\//],
  ["core", /^src\/core\//],
  ["workers/client", /^src\/workers\/client\.ts$/],
  ["workers/modelFile", /^src\/workers\/modelFile\.ts$/],
  ["workers", /^src\/workers\//],
  ["web", /^src\/web\//],
  ["editor", /^src\/editor\//],
  ["commands", /^src\/commands\.ts$/],
  ["extension", /^src\/extension\.ts$/],
  ["webview", /^webview\//],
];

/** From each part to those whose files it may import. Nothing may import `extension`. */
const allowed: Record<string, string[]> = {
  shared: ["shared"],
  core: ["core", "shared"],
  "workers/client": ["core", "shared"],
  "workers/modelFile": ["core", "shared"],
  // A process may have one of its own, as the model's for long readings.
  workers: ["workers", "workers/client", "workers/modelFile", "core", "shared"],
  // Put in place of Node by the build.
  web: ["shared"],
  editor: ["editor", "core", "workers/client", "workers/modelFile", "shared"],
  commands: [],
  extension: ["commands", "editor", "core", "workers/client", "shared"],
  // Of core only what is pure enough for a page, which the build and the rule on packages see to.
  webview: ["webview", "core", "shared"],
};

/** Packages that compute and nothing else, by the part that may use them. `node:` modules are named one by one. */
const allowedPackages: Record<string, RegExp> = {
  shared: /^$/,
  core: /^(acorn|@huggingface\/tokenizers|js-tiktoken(\/.*)?|diff|ignore|yaml|markdown-it|temml|sucrase|@vscode\/tree-sitter-wasm(\/.*)?|node:assert(\/strict)?)$/,
  "workers/client": /^node:/,
  "workers/modelFile": /^node:/,
  workers:
    /^(node:.*|node-llama-cpp|tar\/(extract|list)|quickjs-emscripten(-core)?|@jitl\/.*|sucrase|@vscode\/tree-sitter-wasm(\/.*)?)$/,
  editor: /^(vscode|node:.*|yaml|markdown-it|@vscode\/tree-sitter-wasm(\/.*)?)$/,
  web: /^$/,
  commands: /^vscode$/,
  extension: /^vscode$/,
  webview: /^(preact(\/.*)?|@vscode\/webview-ui-toolkit(\/.*)?|markdown-it)$/,
};

function partOf(path: string): string | undefined {
  return parts.find(([, pattern]) => pattern.test(path))?.[0];
}

const isOurs = (target: string) => /^(src|webview)\//.test(target);

/** Fails with every arrow that breaks a rule, one a line. */
function none(broken: Arrow[]): void {
  assert.deepEqual(
    broken.map(({ file, target }) => `${file} -> ${target}`),
    [],
  );
}

describe("imports", () => {
  it("are found in every form, and not in comments", () => {
    const source = [
      'import { a } from "./a.js";',
      'import type { B } from "b";',
      'import {\n  c,\n  type D,\n} from "node:c";',
      'import "./style.css";',
      'export { e } from "./e.js";',
      'const f = await import("./f.js");',
      'type G = typeof import("g");',
      '// import "no";',
      '/* import "neither"; */',
    ].join("\n");
    assert.deepEqual(importsOf(source), [
      { specifier: "./a.js", typeOnly: false },
      { specifier: "b", typeOnly: true },
      { specifier: "node:c", typeOnly: false },
      { specifier: "./style.css", typeOnly: false },
      { specifier: "./e.js", typeOnly: false },
      { specifier: "./f.js", typeOnly: false },
      { specifier: "g", typeOnly: true },
    ]);
  });

  it("are there to be judged, and each file belongs to a part of the house", () => {
    assert.ok(arrows.length > 50, `only ${arrows.length} imports found`);
    assert.deepEqual(
      files.filter((file) => partOf(file) === undefined),
      [],
    );
  });

  it("lead to files that exist", () => {
    none(arrows.filter(({ target }) => isOurs(target) && !existsSync(join(root, target))));
  });

  it("follow the arrows of the house", () => {
    none(
      arrows.filter(({ file, target }) => {
        if (!isOurs(target)) return target.startsWith("..");
        return !allowed[partOf(file)!]!.includes(partOf(target) ?? "");
      }),
    );
  });

  it("take only packages that fit the part", () => {
    none(
      arrows.filter(({ file, target }) => {
        if (isOurs(target)) return false;
        // Data: the manifest with its commands and settings, and tables that ship as JSON.
        if (/^(package|media\/[\w/-]+)\.json$/.test(target)) return false;
        return !allowedPackages[partOf(file)!]!.test(target);
      }),
    );
  });

  it("of node-llama-cpp are values only in the model process", () => {
    none(
      arrows.filter(
        ({ file, target, typeOnly }) =>
          target === "node-llama-cpp" && !typeOnly && !/^src\/workers\/model[./]/.test(file),
      ),
    );
  });

  it("of the component toolkit are only in webview/ui/toolkit", () => {
    none(
      arrows.filter(
        ({ file, target }) =>
          target.startsWith("@vscode/webview-ui-toolkit") && !/^webview\/ui\/toolkit[.\w]*\.tsx?$/.test(file),
      ),
    );
  });

  it("form no circle of values", () => {
    const next = new Map<string, string[]>();
    for (const { file, target, typeOnly } of arrows) {
      if (!typeOnly && isOurs(target)) next.set(file, [...(next.get(file) ?? []), target]);
    }
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (file: string, path: string[]) => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(" -> "));
      if (at >= 0 || done.has(file)) return;
      for (const target of next.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    assert.deepEqual(circles, []);
  });
});

describe("the editor's page interface", () => {
  it("is acquired only in webview/host.ts", () => {
    const callers = sourceFiles("webview").filter((file) =>
      /\bacquireVsCodeApi\s*\(/.test(
        readFileSync(join(root, file), "utf8").replace(/declare function.*/g, ""),
      ),
    );
    assert.deepEqual(callers, [relative(root, join(root, "webview/host.ts"))]);
  });
});
