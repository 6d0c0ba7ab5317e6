/** The picker of models in a real window: every model with its size, licence, context and what it is good for. */

import assert from "node:assert/strict";
import { CATALOGUE } from "../../src/core/models/catalogue.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

/** Far more entries than there are; the walk ends where it comes round. */
const MOST_ENTRIES = 60;

describe("Choosing a model in the workbench", function () {
  this.timeout(90_000);
  const workbench = useWorkbench();

  interface Entry {
    label: string;
    description: string;
    detail: string;
    /** Whether choosing it would download something. */
    offered: boolean;
  }
  const entries: Entry[] = [];
  let title = "";

  before(async () => {
    await workbench().openFile("src/sum.ts");
    await workbench().runCommand("Glassbox: Choose Model");
    const { page } = workbench();
    // The engine is asked for a graphics card; then the list is filled once more.
    title = await until(
      async () => {
        const said = (await page.locator(".quick-input-title").first().textContent()) ?? "";
        const busy = await page.locator(".quick-input-progress.active").count();
        return said.startsWith("Choose Model: ") && busy === 0 && said;
      },
      { what: "the models to choose from", timeoutMs: 60_000 },
    );
    // The list holds only what is in sight: the arrow keys bring every entry there, as a person would.
    const focused = page.locator(".quick-input-list .monaco-list-row.focused");
    const text = async (part: string) =>
      ((await focused.locator(part).first().textContent({ timeout: 2000 })) ?? "").trim();
    let row: string | null = null;
    for (let index = 0; index < MOST_ENTRIES; index++) {
      if (index > 0) await page.keyboard.press("ArrowDown");
      row = await until(
        async () => {
          const at = (await focused.count()) === 1 && (await focused.getAttribute("data-index"));
          return at !== row && at;
        },
        { what: "the next entry to have the focus" },
      );
      const label = await text(".label-name");
      if (entries.some((entry) => entry.label === label)) break;
      const description = focused.locator(".label-description");
      entries.push({
        label,
        description: (await description.count()) > 0 ? await text(".label-description") : "",
        detail: (await focused.locator(".quick-input-list-label-meta").count())
          ? await text(".quick-input-list-label-meta")
          : "",
        offered: (await focused.locator(".codicon-cloud-download").count()) > 0,
      });
    }
  });

  it("begins with the model that is in use, on a machine that is named", () => {
    assert.match(title, /^Choose Model: [\d.]+ [GM]B of memory free, \d+ cores/);
    assert.match(entries[0]?.label ?? "", /stories15M, built in/);
  });

  it("says of every model that can be fetched its size, licence, context and what it is for", () => {
    const offered = entries.filter((entry) => entry.offered);
    assert.ok(offered.length >= 4, JSON.stringify(entries, null, 1));
    for (const { label, description, detail } of offered) {
      const known = CATALOGUE.find(({ name }) => name === label);
      assert.ok(known, label);
      const [size, licence, quantisation, ...context] = description.split(", ");
      assert.deepEqual([quantisation, licence], [known.quantisation, known.licence], label);
      const [, amount, unit] = /^([\d.]+) (MB|GB)$/.exec(size ?? "") ?? [];
      const bytes = Number(amount) * (unit === "GB" ? 1e9 : 1e6);
      assert.ok(Math.abs(bytes - known.fileBytes) <= known.fileBytes / 100, `${label}: ${size}`);
      assert.equal(context.join(), `context ${known.trainedContext.toLocaleString("en-US")}`, label);
      // What it is good for, then what it needs.
      assert.match(detail, /^\p{Lu}[^.]{15,}\. .*Needs about [\d.]+ [MG]B\b/u, label);
    }
    assert.equal(new Set(offered.map(({ label }) => label)).size, offered.length);
  });

  it("offers sources of the reader's own", () => {
    const labels = entries.map(({ label }) => label).join("\n");
    assert.match(labels, /Enter an hf: Address/);
    assert.match(labels, /Open a GGUF File/);
  });
});
