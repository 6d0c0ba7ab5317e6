/** The page of exactness, "How exactness is proved", as Markdown: made of nothing but what full-length runs have kept. */

import { ENCODING_NAMES } from "../src/core/tokens/encodings.js";
import { figure as measuredFigure, table } from "../test/exactness/lens/table.js";
import { TORTURES } from "../test/torture/trials.js";
import type { Found, Held } from "./held.js";

/** What one part of a suite has come to. */
export interface KeptPart {
  /** The day of the run: "2026-11-22". */
  date: string;
  seconds: number;
  held: Held[];
}

/** A suite's parts by name. */
export type KeptHeld = Record<string, KeptPart>;

/** What models get wrong, by the names that `npm run exactness -- tools NAME` takes. */
export const TOOL_EXAMPLES = [
  "product",
  "r-in-strawberry",
  "u-in-ubiquitous",
  "letters",
  "every-third",
  "places",
  "dots",
  "large-product",
  "versions",
] as const;

/** What a bench has measured on one machine. */
export interface KeptBench {
  date: string;
  command: string;
  seconds: number;
  /** Times depend on it. */
  machine: string;
  /** With seconds of its own where a row can be measured without the others. */
  rows: { name: string; value: string; note?: string; seconds?: number }[];
}

export interface AllKept {
  /** By the names of the suites. */
  suites: Readonly<Record<string, KeptHeld>>;
  benches: Readonly<Record<string, KeptBench>>;
  /** The ids of all lessons that there are. */
  lessons: readonly string[];
}

interface Subject {
  suite: string;
  title: string;
  /** Why the oracle can be believed, and what is not proved. */
  why: string;
  /** What there must be figures of. */
  parts(kept: AllKept): readonly string[];
}

/** In the order of the page. */
export const SUBJECTS: readonly Subject[] = [
  {
    suite: "tokens",
    title: "Tokens",
    why: "Our byte-pair encoder shares its tables with js-tiktoken and none of its code. It must give the same ids for any text, also after any edit of an open document, where only the touched pieces are read again. The oracle is a package that others maintain; where it takes minutes for a text, a second package of others stands in. Spans are held to the text itself: the bytes of all tokens are its bytes, and each begins where the one before it ends.",
    parts: () => ENCODING_NAMES,
  },
  {
    suite: "lens",
    title: "The lens",
    why: "Attention comes from a forward pass of our own, because llama.cpp hands none out. It is held to llama.cpp by what both must agree on: the probability of every token of the vocabulary at every position. Where both compute in F32 only the order of additions differs. That the agreement means something is shown by leaving parts out: each one that is missing is noticed. [CONFORMANCE.md](../../src/core/lens/CONFORMANCE.md) has the tables by architecture and tensor type.",
    parts: () => ["architectures", "types", "stories", "tinyllama"],
  },
  {
    suite: "sampling",
    title: "Sampling",
    why: "The panel computes each stage by itself from the engine's logits. The engine's own chain of samplers, with the same settings, must end with the same probabilities, and what it draws must look as if drawn from the distribution that the panel shows. Each stage alone is held to its closed form by the unit tests. Typical-p is not among these: node-llama-cpp does not chain it.",
    parts: () => ["stories", "tinyllama"],
  },
  {
    suite: "surprisal",
    title: "Surprisal",
    why: "The surprisal of a token is read from the engine while it reads a text in pieces, a few numbers for each position. It is held to whole distributions of a second engine in another process, from which surprisal and entropy are computed in 64-bit floats by their formulas. The engine multiplies pieces of other lengths in another order; weights of 2 bits answer that with other roundings, so that one improbable token may be a bit off there and only the mean of a text has a bar.",
    parts: () => ["stories", "tinyllama"],
  },
  {
    suite: "tools",
    title: "Tools",
    why: "Questions that models get wrong are put to the tools in words. The suite computes each answer in another way, and the tool's result must be the same to the letter. What the model says without a tool is printed beside it and marked, and is no part of these figures.",
    parts: () => TOOL_EXAMPLES,
  },
  {
    suite: "lessons",
    title: "Lessons",
    why: "Every lesson is opened in a real window. Its exhibits get another input and must give another result; its checks get a wrong answer, which they must refuse, and a right one, which they must accept. What the right answer is, the suite computes or searches for; it is nowhere written down as a number. A lesson counts only if all of this holds.",
    parts: ({ lessons }) => lessons,
  },
];

interface Bench {
  title: string;
  /** The rows that there must be, where each can be measured without the others. */
  rows?: readonly string[];
}

/** What is measured besides, in the order of the page, by the names of what is kept. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  startup: { title: "Startup and size" },
  tokens: { title: "Speed of tokens" },
  model: { title: "Speed of generation" },
  lens: { title: "Speed of the lens" },
  sampling: { title: "Speed of sampling and surprisal" },
  torture: { title: "Torture", rows: Object.values(TORTURES) },
};

/** What the page has no figures of, by the names of the suites; none of those that have all. */
export function notMeasured(kept: AllKept): Record<string, string[]> {
  const subjects = SUBJECTS.map((subject) => [subject.suite, measured(subject, kept).missing] as const);
  const benches = Object.keys(BENCHES).map((name) => [`${name} (bench)`, missingRows(name, kept)] as const);
  return Object.fromEntries([...subjects, ...benches].filter(([, missing]) => missing.length > 0));
}

function missingRows(name: string, { benches }: AllKept): string[] {
  const rows = benches[name]?.rows.map((row) => row.name) ?? [];
  const wanted = BENCHES[name]?.rows;
  if (wanted) return wanted.filter((row) => !rows.includes(row));
  return rows.length > 0 ? [] : ["all of it"];
}

export function accuracyPage(kept: AllKept): string {
  const subjects = SUBJECTS.map((subject) => ({ ...subject, ...measured(subject, kept) }));
  const glance = table(
    [
      { title: "Subject" },
      { title: "Held to" },
      { title: "Cases", figures: true },
      { title: "Largest difference" },
      { title: "Measured" },
    ],
    subjects.map(({ title, rows, dates }) => [
      `[${title}](#${title.toLowerCase().replaceAll(" ", "-")})`,
      unique(rows.map(({ against }) => against)).join("; ") || "not measured yet",
      unitsOf(rows),
      largestOf(rows),
      dates,
    ]),
  );
  const sections = subjects.map(({ suite, title, why, rows, dates, missing, seconds }) => {
    const parts = [`## ${title}`, why];
    if (rows.length > 0) {
      parts.push(
        table(
          [
            { title: "What" },
            { title: "Held to" },
            { title: "Cases", figures: true },
            { title: "Found" },
            { title: "Bar" },
          ],
          rows.map(({ what, against, cases, of, found }) => [
            what,
            against,
            `${count(cases)} ${of}`,
            foundIn(found),
            barOf(found),
          ]),
        ),
        `Measured ${dates} in ${duration(seconds)}; again by \`npm run exactness -- ${suite}\`.`,
      );
    }
    if (missing.length > 0) parts.push(notYet(missing));
    return parts.join("\n\n");
  });
  const benches = Object.keys(BENCHES).map((name) => benchSection(name, kept));
  return `${[
    "# How exactness is proved",
    "Nothing here is believed because we say so: each subject is held to an oracle that knows nothing of ours, in as many cases as a machine gets through in minutes. `npm run exactness` runs all of it, and makes this page of what it finds; a single case that is not exact fails the run, and then nothing is kept of its part. The tests hold the page to the kept figures in `test/exactness/kept`, and run a share of the same checks every time.",
    "## At a glance",
    glance,
    ...sections,
    ...benches,
  ].join("\n\n")}\n`;
}

interface Measured {
  rows: Held[];
  /** "2026-11-22", or from the first to the last. */
  dates: string;
  seconds: number;
  missing: string[];
}

/** The rows of all parts that are kept; those that say the same of several parts are counted together. */
function measured(subject: Subject, kept: AllKept): Measured {
  const held = kept.suites[subject.suite] ?? {};
  const names = subject.parts(kept);
  const there = names.flatMap((name) => held[name] ?? []);
  const rows = new Map<string, Held>();
  for (const row of there.flatMap((part) => part.held)) {
    const key = JSON.stringify([row.what, row.against, row.of, barOf(row.found)]);
    const before = rows.get(key);
    rows.set(
      key,
      before ? { ...row, cases: before.cases + row.cases, found: worse(before.found, row.found) } : row,
    );
  }
  const days = there.map(({ date }) => date).sort();
  const [first = "", last = ""] = [days[0], days.at(-1)];
  return {
    rows: [...rows.values()],
    dates: first === last ? first : `${first} to ${last}`,
    seconds: there.reduce((sum, { seconds }) => sum + seconds, 0),
    missing: names.filter((name) => !held[name]),
  };
}

function worse(a: Found, b: Found): Found {
  if (a.kind === "difference" && b.kind === "difference") {
    return { ...a, largest: Math.max(a.largest, b.largest) };
  }
  if (a.kind === "noticed" && b.kind === "noticed") return { ...a, least: Math.min(a.least, b.least) };
  if (a.kind === "chance" && b.kind === "chance") return { ...a, least: Math.min(a.least, b.least) };
  if (a.kind === b.kind) return a;
  throw new Error(`One row cannot tell of both "${a.kind}" and "${b.kind}".`);
}

function foundIn(found: Found): string {
  switch (found.kind) {
    case "equal":
      return "all the same";
    case "difference":
      return `at most ${figure(found.largest)} (${found.unit})`;
    case "noticed":
      return `at least ${figure(found.least)} (${found.unit})`;
    case "chance":
      return `least p ${found.least.toPrecision(2)}`;
  }
}

function barOf(found: Found): string {
  switch (found.kind) {
    case "equal":
      return "none may differ";
    case "difference":
      return found.below === undefined ? "none: rounded by choice" : `below ${figure(found.below)}`;
    case "noticed":
      return `above ${figure(found.above)}`;
    case "chance":
      return `p above ${found.above}`;
  }
}

/** The largest difference of a subject where there is a bar, in each unit. */
function largestOf(rows: readonly Held[]): string {
  if (rows.length === 0) return "";
  const largest = new Map<string, number>();
  for (const { found } of rows) {
    if (found.kind !== "difference" || found.below === undefined) continue;
    largest.set(found.unit, Math.max(found.largest, largest.get(found.unit) ?? 0));
  }
  if (largest.size === 0) return "none";
  return [...largest].map(([unit, value]) => `${figure(value)} (${unit})`).join("; ");
}

/** "500,000 texts; 500,000 edits". */
function unitsOf(rows: readonly Held[]): string {
  const sums = new Map<string, number>();
  for (const { cases, of } of rows) sums.set(of, cases + (sums.get(of) ?? 0));
  return [...sums].map(([of, cases]) => `${count(cases)} ${of}`).join("; ");
}

function benchSection(name: string, kept: AllKept): string {
  const parts = [`## ${BENCHES[name]!.title}`];
  const bench = kept.benches[name];
  if (bench) {
    parts.push(
      table(
        [{ title: "What" }, { title: "Value", figures: true }, { title: "How" }],
        bench.rows.map((row) => [row.name, row.value, row.note ?? ""]),
      ),
      `Measured ${bench.date} in ${duration(bench.seconds)} on ${bench.machine}; again by \`${bench.command}\`.`,
    );
  }
  const missing = missingRows(name, kept);
  if (missing.length > 0) parts.push(notYet(missing));
  return parts.join("\n\n");
}

const notYet = (missing: readonly string[]): string => `Not measured yet: ${missing.join(", ")}.`;

const figure = (value: number): string => (value === 0 ? "0" : measuredFigure(value));

const count = (value: number): string => value.toLocaleString("en-US");

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
}
