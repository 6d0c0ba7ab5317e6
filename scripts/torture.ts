/**
 * `npm run torture [-- PART…] [-- --seed N --times X --keep]`: about a quarter of an hour of kills, cuts, damage, floods and nonsense.
 * The last line is `tried N, survived N`; `--keep` puts each part of which all survived into the page of exactness, where
 * the others stay as they are. `npm test` runs a short form.
 */

import { parseArgs } from "node:util";
import { cutDownloads } from "../test/torture/downloads.js";
import { editorUnderFire } from "../test/torture/editor.js";
import { damagedHeaders, killed } from "../test/torture/modelProcess.js";
import { hostileTexts } from "../test/torture/texts.js";
import { type TORTURES, type Torture, type TorturePlan, Trials } from "../test/torture/trials.js";
import type { KeptBench } from "./accuracyPage.js";
import { buildAll } from "./build.js";
import { ensureDebianPackages } from "./debian.js";
import { keepBench, readKept } from "./keptFigures.js";
import { ensureBuiltInModel, ensureChatModel } from "./models.js";
import { endOnSignals } from "./process.js";
import { ensureServer } from "./vscode.js";

const PARTS: Readonly<Record<keyof typeof TORTURES, Torture>> = {
  texts: hostileTexts,
  downloads: cutDownloads,
  kills: killed,
  headers: damagedHeaders,
  editor: editorUnderFire,
};

/**
 * Runs some parts of the torture, in a checkout where all is set up.
 * @param tell one line for each part of which all survived: its title, what came of it, and how long it took.
 */
export async function runTorture(
  plan: TorturePlan,
  parts: readonly string[] = Object.keys(PARTS),
  tell: (title: string, result: string, seconds: number) => void = () => {},
): Promise<Trials> {
  const all = new Trials();
  for (const name of parts) {
    if (!isPart(name))
      throw new Error(`There is no part "${name}"; there are ${Object.keys(PARTS).join(", ")}.`);
    const part = PARTS[name];
    const startedAt = Date.now();
    const trials = new Trials();
    await part.run(trials, plan);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const result = `tried ${trials.tried}, survived ${trials.survived}`;
    console.log(`  ${part.title}: ${result}, ${seconds} s`);
    if (trials.survived === trials.tried) tell(part.title, result, seconds);
    all.add({ ...trials, failures: [] });
  }
  return all;
}

const isPart = (name: string): name is keyof typeof PARTS => Object.hasOwn(PARTS, name);

export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" },
      times: { type: "string", default: "1" },
      keep: { type: "boolean", default: false },
    },
  });
  const plan = { seed: Number(values.seed), share: Number(values.times) };
  if (!Number.isInteger(plan.seed) || !(plan.share > 0)) {
    throw new Error(
      `--seed wants a whole number and --times one above 0, found ${values.seed}, ${values.times}.`,
    );
  }
  endOnSignals();
  await ensureDebianPackages(["browser", "code-server"]);
  await ensureServer();
  await ensureBuiltInModel();
  await ensureChatModel();
  await buildAll({ tests: false });
  console.log(`Seed ${plan.seed}, ${plan.share} times the full length.`);
  const ended = new Map<string, Row>();
  const { tried, survived } = await runTorture(
    plan,
    positionals.length > 0 ? positionals : undefined,
    (name, value, seconds) =>
      ended.set(name, {
        name,
        value,
        note: `seed ${plan.seed}, ${plan.share} × the length, ${seconds} s`,
        seconds,
      }),
  );
  if (values.keep) await keep(ended);
  console.log(`tried ${tried}, survived ${survived}`);
  return tried === survived ? 0 : 1;
}

type Row = KeptBench["rows"][number];

/** Puts what has ended in the place of what the same parts came to before. */
async function keep(ended: ReadonlyMap<string, Row>): Promise<void> {
  const before = readKept().benches.torture?.rows ?? [];
  const rows = Object.values(PARTS).flatMap(
    ({ title }) => ended.get(title) ?? before.filter(({ name }) => name === title),
  );
  const seconds = rows.reduce((sum, row) => sum + (row.seconds ?? 0), 0);
  await keepBench("torture", "npm run torture -- --keep", rows, seconds);
}
