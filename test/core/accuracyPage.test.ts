/** Holds the page of exactness to what full-length runs have kept, and to each of its rules. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type AllKept, accuracyPage } from "../../scripts/accuracyPage.js";
import type { Held } from "../../scripts/held.js";
import { PAGE, readKept } from "../../scripts/keptFigures.js";

describe("the page of exactness", () => {
  it("is what the command makes of the kept figures", () => {
    assert.equal(readFileSync(PAGE, "utf8"), accuracyPage(readKept()), "npm run exactness -- page makes it");
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
