// The way into every script: installs the npm packages where they are missing or stale, bundles
// scripts/NAME.ts with esbuild (Node runs no TypeScript), and runs it. Plain JavaScript with Node's own modules
// only, because on a fresh clone there is nothing else.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Glassbox needs Node 20.19 or newer, found ${process.versions.node}.`);
  process.exit(1);
}

installPackages();

const [name = "", ...args] = process.argv.slice(2);
const source = join(root, "scripts", `${name}.ts`);
if (!existsSync(source)) {
  console.error(`There is no script "${name}". Look into package.json for those that there are.`);
  process.exit(1);
}
const { build } = await import("esbuild");
const bundle = join(root, "dist", "scripts", `${name}.mjs`);
await build({
  entryPoints: [source],
  outfile: bundle,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
const { main } = await import(pathToFileURL(bundle).href);
process.exitCode = (await main(args)) ?? 0;

/** Runs `npm ci` when node_modules does not belong to this lock file. */
function installPackages() {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const stamp = join(root, "node_modules", ".glassbox-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("Installing npm packages …");
  // No package here needs its install script: the native parts come prebuilt inside the packages.
  const result = spawnSync("npm", ["ci", "--ignore-scripts"], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    console.error("npm ci failed; its own message is above. Check the connection to the npm registry.");
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, lock);
}
