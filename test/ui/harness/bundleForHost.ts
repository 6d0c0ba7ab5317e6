/** Code of tests that runs inside the extension host, bundled as VS Code loads it. */

import { build } from "esbuild";

export async function bundleForHost(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    logLevel: "warning",
  });
}
