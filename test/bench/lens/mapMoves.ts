/** How long the attention panel takes from a movement over its map until the changed page is laid out. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Rig } from "../../ui/harness/rig.js";

const TOKENS = 128;
/** So many cells are pointed at, all over the map. */
const MOVES = 200;
/** Each word and each full stop of it is a token of the built-in model. */
const SENTENCE = "The cat saw the dog and the dog saw the cat. ";

/**
 * In the real workbench, over the built-in model's attention of 128 tokens.
 * @returns milliseconds for each movement; the first ones, which are compiled while they run, left out.
 */
export async function mapMoves(): Promise<number[]> {
  const rig = await Rig.start();
  try {
    const workbench = await rig.open();
    await writeFile(join(workbench.folder, "cats.md"), SENTENCE.repeat(TOKENS));
    await workbench.openFile("cats.md");
    // A token for the start, and for each word and full stop one.
    await workbench.select({ line: 1, column: 1 }, { line: 1, column: lengthOf(TOKENS - 1) + 1 });
    await workbench.runCommand("Glassbox: Show Attention");
    const page = await workbench.webview("attention", 60_000);
    await page.locator(".gb-heat-marks").first().waitFor({ timeout: 30_000 });
    await page.waitForFunction("!document.querySelector('button.stop')");
    const times = await page.evaluate<number[]>(`(${moveOver})(${MOVES})`);
    await workbench.close();
    return times.slice(MOVES / 10);
  } finally {
    await rig.stop();
  }
}

/** Characters of the first so many tokens of the text. */
function lengthOf(tokens: number): number {
  const words = SENTENCE.repeat(TOKENS).match(/ ?\w+|\./gu) ?? [];
  return words.slice(0, tokens).join("").length;
}

/** Runs in the page: points at cells and waits each time until the readout tells of another. */
const moveOver = `async (moves) => {
  const canvas = document.querySelector(".gb-heat-marks");
  const said = document.querySelector(".gb-heat [aria-live]");
  const box = canvas.getBoundingClientRect();
  const times = [];
  for (let nth = 0; nth < moves; nth++) {
    const down = 0.2 + 0.75 * ((nth * 0.618) % 1);
    const across = down * ((nth * 0.382) % 1);
    const before = said.textContent;
    const startedAt = performance.now();
    canvas.dispatchEvent(new MouseEvent("mousemove", {
      bubbles: true,
      clientX: box.left + across * box.width,
      clientY: box.top + down * box.height,
    }));
    while (said.textContent === before && performance.now() - startedAt < 1000) await Promise.resolve();
    document.body.getBoundingClientRect();
    if (said.textContent !== before) times.push(performance.now() - startedAt);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }
  return times;
}`;
