/** Holds the page of exactness to what full-length runs have kept, and to each of its rules. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { type AllKept, accuracyPage, BENCHES, notMeasured, SUBJECTS } from "../../scripts/accuracyPage.js";
import type { Held } from "../../scripts/held.js";
import { PAGE, readKept } from "../../scripts/keptFigures.js";
import { TORTURES } from "../torture/trials.js";

describe("the page of exactness", () => {
  it("is what the command makes of the kept figures", () => {
    assert.equal(readFileSync(PAGE, "utf8"), accuracyPage(readKept()), "npm run exactness -- page makes it");
  });

  it("tells of every suite that there is", () => {
    const suites = (folder: string) =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".ts"))
        .map((name) => name.slice(0, -".ts".length));
    assert.deepEqual(SUBJECTS.map(({ suite }) => suite).sort(), suites("test/exactness").sort());
    assert.deepEqual(Object.keys(BENCHES).sort(), [...suites("test/bench"), "torture"].sort());
  });

  it("has figures of every part of every suite", () => {
    assert.deepEqual(notMeasured(readKept()), {});
  });

  it("knows of a part, a suite and a torture without figures, and says so", () => {
    const all = readKept();
    const { stories: _, ...sampling } = all.suites.sampling!;
    const { startup: __, torture, ...benches } = all.benches;
    const less: AllKept = {
      ...all,
      suites: { ...all.suites, sampling },
      benches: {
        ...benches,
        torture: { ...torture!, rows: torture!.rows.filter(({ name }) => name !== TORTURES.kills) },
      },
    };
    assert.deepEqual(notMeasured(less), {
      ...notMeasured(all),
      sampling: ["stories"],
      "startup (bench)": ["all of it"],
      "torture (bench)": [TORTURES.kills],
    });
    const page = accuracyPage(less);
    assert.ok(page.includes("## Startup and size\n\nNot measured yet: all of it.\n"));
    assert.match(page, /Not measured yet: the model's process, killed in the middle[.,]/);
  });

  const differing = (largest: number, below: number | undefined): Held => ({
    what: "a sum",
    against: "an oracle 1.0.0",
    cases: 1000,
    of: "sums",
    found: { kind: "difference", largest, unit: "bits", below },
  });
  const kept = (...parts: Held[]): AllKept => ({
    suites: {
      sampling: {
        stories: { date: "2026-01-02", seconds: 40, held: [parts[0]!] },
        ...(parts[1] && { tinyllama: { date: "2026-01-03", seconds: 200, held: [parts[1]] } }),
      },
    },
    benches: {},
    lessons: [],
  });

  it("counts rows of the same kind together, with the larger difference", () => {
    const page = accuracyPage(kept(differing(0.001, 0.01), differing(0.002, 0.01)));
    assert.ok(
      page.includes("| a sum | an oracle 1.0.0 | 2,000 sums | at most 2.0e-3 (bits) | below 1.0e-2 |"),
    );
    assert.ok(
      page.includes(
        "| [Sampling](#sampling) | an oracle 1.0.0 | 2,000 sums | 2.0e-3 (bits) | 2026-01-02 to 2026-01-03 |",
      ),
    );
    assert.ok(page.includes("in 4 minutes; again by `npm run exactness -- sampling`"));
  });

  it("names what has not been measured", () => {
    const page = accuracyPage(kept(differing(0.001, 0.01)));
    assert.ok(page.includes("Not measured yet: tinyllama."));
    assert.ok(page.includes("| [Tools](#tools) | not measured yet |"));
  });

  it("counts what is rounded by choice as no difference that there is a bar for", () => {
    const page = accuracyPage(kept(differing(0.5, undefined), differing(0.002, 0.01)));
    assert.match(page, /\[Sampling\].*\| 2\.0e-3 \(bits\) \|/);
    assert.ok(page.includes("| 1,000 sums | at most 5.0e-1 (bits) | none: rounded by choice |"));
    assert.ok(accuracyPage(kept(differing(0.5, undefined))).includes("| none: rounded by choice |"));
  });

  it("shows the figures of benches with the machine that they come from", () => {
    const page = accuracyPage({
      ...kept(differing(0, 1)),
      benches: {
        startup: {
          date: "2026-01-04",
          command: "npm run bench -- startup --keep",
          seconds: 90,
          machine: "linux x64, 2 cores (Some Processor), 8 GB",
          rows: [{ name: "activation", value: "9.0 ms", note: "median of 7" }],
        },
      },
    });
    assert.ok(page.includes("## Startup and size"));
    assert.ok(page.includes("| activation | 9.0 ms | median of 7 |"));
    assert.match(
      page,
      /2026-01-04 in 90 s on linux x64, 2 cores \(Some Processor\), 8 GB; again by `npm run b/,
    );
  });
});
