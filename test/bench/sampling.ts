/**
 * How fast a text is given its probabilities, and how long the sampling panel takes from a moved slider to the new picture, laid out, for a vocabulary of 150,000
 * tokens: the panel's own page in a browser, its sliders moved one after the other.
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import type { BenchResult } from "../../scripts/bench.js";
import { ensureDebianPackages } from "../../scripts/debian.js";
import { chatModelPath } from "../../scripts/models.js";
import { launchBrowser } from "../ui/harness/rig.js";
import { measureThroughput } from "./surprisal/throughput.js";

const VOCABULARY = 150_000;
/** The longest that a frame may take at 60 of them a second. */
const FRAME_MS = 16;
const MOVES = 40;
const SLIDERS = ["Temperature", "Top-p", "Min-p", "Top-k"];
/** Also the stages that are mostly off, and XTC by chance, which needs two runs of the stages. */
const SELDOM = ["Typical-p", "XTC chance", "Presence"];

const TYPES: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html" };

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function servePage(): Promise<{ url: string; close(): void }> {
  const stub = await build({
    entryPoints: [join(process.cwd(), "test/bench/samplingPage/host.ts")],
    bundle: true,
    write: false,
    format: "iife",
    define: { VOCABULARY: `${VOCABULARY}` },
  });
  const html =
    '<!doctype html><html><head><link rel="stylesheet" href="/sampling.css"></head>' +
    '<body><div id="root"></div><script src="/host.js"></script><script type="module" src="/sampling.js"></script></body></html>';
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0]!;
    const answer = (body: string | Buffer, type: string) =>
      response.writeHead(200, { "content-type": type }).end(body);
    if (path === "/") return void answer(html, "text/html");
    if (path === "/host.js") return void answer(stub.outputFiles[0]!.text, "text/javascript");
    readFile(join(process.cwd(), "dist/webview", path)).then(
      (body) => answer(body, TYPES[extname(path)] ?? "application/octet-stream"),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Moves a slider to and fro (see `samplingPage/host.ts`); milliseconds for each move. */
function moveSlider(page: Page, name: string, moves: number): Promise<number[]> {
  return page.evaluate<number[]>(`moveSlider(${JSON.stringify(name)}, ${moves})`);
}

export async function run(): Promise<BenchResult> {
  const table: BenchResult["table"] = [];
  // On the model that is as large as those that people use; on the built-in one the vocabulary is most of the work.
  const surprisal = await measureThroughput("surprisal_vs_raw", chatModelPath(), 4, 768);
  const builtIn = join(process.cwd(), "media", "models", "stories15M-Q8_0.gguf");
  const small = await measureThroughput("surprisal_vs_raw, built-in", builtIn, 9, 250);
  // 32,000 x 288 of 15.2 million: the engine alone multiplies by them once for a batch, not once for each token.
  const inherent = "its output matrix is 60 % of its weights, so that 0.4 is the most there can be";
  table.push(
    { ...surprisal.row, note: `${surprisal.row.note}; goal 0.9` },
    { ...small.row, note: `${small.row.note}; ${inherent}` },
  );
  await ensureDebianPackages(["browser"]);
  const served = await servePage();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1200 } });
    await page.goto(served.url);
    await page.getByText("Penalties, typical-p, XTC").click({ timeout: 30_000 });
    const all: number[] = [];
    for (const name of [...SLIDERS, ...SELDOM]) {
      // The first moves are compiled while they run.
      await moveSlider(page, name, MOVES / 4);
      const times = await moveSlider(page, name, MOVES);
      if (SLIDERS.includes(name)) all.push(median(times));
      table.push({
        name: `move ${name}`,
        value: median(times).toFixed(1),
        note: `ms  median of ${MOVES}, at most ${Math.max(...times).toFixed(1)}`,
      });
      if (SELDOM.includes(name)) await page.getByRole("slider", { name }).press("Home");
    }
    const redraw = Math.max(...all);
    table.push({
      name: "redraw_150k_ms",
      value: redraw.toFixed(1),
      note: `ms  the slowest of ${SLIDERS.join(", ")}; goal ${FRAME_MS}`,
    });
    return { figures: { redraw_150k_ms: redraw, surprisal_vs_raw: surprisal.ratio }, table };
  } finally {
    await browser.close();
    served.close();
  }
}
