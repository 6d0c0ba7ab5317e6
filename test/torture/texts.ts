/** Hostile lessons and prices: whatever stands there, the reader is told, and nothing is taken for what it is not. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseLesson } from "../../src/core/lessons/parseLesson.js";
import { seededCoin } from "../../src/core/sampling/randomness.js";
import { readOwnPrices, withOwnPrices } from "../../src/core/tokens/prices.js";
import { hostileValues } from "./hostileValues.js";
import { TORTURES, type Torture, times } from "./trials.js";

/** Of a full run. */
const LESSONS = 6000;
const PRICES = 20_000;
/** A lesson that takes longer than this would be felt while a teacher writes it. */
const MOST_MS = 2000;

const SNIPPETS = [
  "---\n",
  "```exhibit\ntype: __proto__\n```\n",
  "```check\ntype: choose\noptions: &a [*a]\n```\n",
  "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: &e [*d, *d]\nf: [*e, *e, *e, *e]\n",
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "[x](javascript:alert(1))",
  "[x](command:workbench.action.terminal.new)",
  "$$\\def\\a{\\a\\a}\\a$$",
  `$${"{".repeat(500)}$`,
  `${">".repeat(400)} deep`,
  `${"- ".repeat(300)}x`,
  `${"*_".repeat(400)}`,
  "\u0000",
  "\ud800",
  "\u202e",
  "\ufeff",
  "\r",
  "!!js/function 'function(){}'\n",
  "title: [\n",
  "minutes: 1e400\n",
  "minutes: -0x8000000000000000\n",
  `${"x".repeat(20_000)}`,
  `${"\n".repeat(5000)}`,
  "constructor: {prototype: {polluted: true}}\n",
  "__proto__: {polluted: true}\n",
];

export const hostileTexts: Torture = {
  title: TORTURES.texts,
  async run(trials, plan) {
    const coin = seededCoin(plan.seed);
    const pick = (below: number) => Math.floor(coin() * below);
    const folder = join(process.cwd(), "media", "lessons");
    const lessons = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .sort();
    const sources = lessons.map((name) => readFileSync(join(folder, name), "utf8"));
    let refused = 0;
    const rounds = times(LESSONS, plan);
    for (let round = 0; round < rounds; round++) {
      const chosen = pick(sources.length);
      let source = sources[chosen]!;
      for (let change = pick(4); change >= 0; change--) {
        const at = pick(source.length + 1);
        const end = coin() < 0.5 ? at : Math.min(source.length, at + pick(coin() < 0.5 ? 8 : 400));
        const inserted = coin() < 0.7 ? SNIPPETS[pick(SNIPPETS.length)]! : source.slice(at, at + pick(300));
        source = source.slice(0, at) + inserted + source.slice(end);
      }
      await trials.attempt(`${lessons[chosen]}, changed`, () => {
        const startedAt = performance.now();
        const { lesson, issues } = parseLesson(source, lessons[chosen]!);
        const ms = performance.now() - startedAt;
        assert.ok(ms < MOST_MS, `${Math.round(ms)} ms`);
        if (!lesson) {
          refused++;
          assert.ok(issues.length > 0, "nothing is said of why");
          const lines = source.split(/\r\n|\r|\n/).length;
          for (const { line, message } of issues) {
            assert.ok(Number.isInteger(line) && line >= 1 && line <= lines, `line ${line} of ${lines}`);
            assert.ok(message.length > 5 && message.length < 2000, message.slice(0, 200));
          }
        }
        assert.equal(({} as { polluted?: boolean }).polluted, undefined);
      });
    }
    console.log(`    ${refused} of ${rounds} lessons refused, the others still lessons`);

    for (let round = 0; round < times(PRICES, plan); round++) {
      const setting = hostileValues(coin, 3);
      await trials.attempt(`prices ${JSON.stringify(setting)?.slice(0, 200)}`, () => {
        const { prices } = readOwnPrices(setting);
        for (const price of withOwnPrices([], prices, "settings")) {
          for (const rate of [price.input, price.output]) {
            assert.ok(Number.isFinite(rate) && rate >= 0, `a price of ${rate}`);
          }
        }
      });
    }
  },
};
