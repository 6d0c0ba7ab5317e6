/** Attempts of a model at a small function: the prompt, the cases that grade them, and what reinforcement makes of it. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

export interface Task {
  /** What the function is to do, in a sentence. */
  instruction: string;
  /** Its name and parameters, as `larger(a, b)`. */
  header: string;
  /** A case in each line: arguments, `=>`, the expected value. */
  cases: string;
}

export interface Case {
  /** An argument list, as `3, 4`. */
  input: string;
  expected: string;
}

const HEADER = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*\(([^()]*)\)$/u;
const MOST_CASES = 10;
/** Where the body of the function ends. */
export const BODY_ENDS = ["\n}", "\nfunction"];

/** @throws GlassboxError `invalid-request` where the header or a case cannot be read. */
export function readTask({ instruction, header, cases }: Task): {
  functionName: string;
  prompt: string;
  cases: Case[];
} {
  const found = HEADER.exec(header.trim());
  if (!found) {
    throw new GlassboxError(
      "invalid-request",
      t("“{0}” is not a function’s name with its parameters.", header),
      t("Write it as larger(a, b)."),
    );
  }
  const read = cases
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, at): Case => {
      const arrow = line.lastIndexOf("=>");
      if (arrow < 0 || line.slice(arrow + 2).trim() === "") {
        throw new GlassboxError(
          "invalid-request",
          t("Line {0} of the tests, “{1}”, has no “=>” with a value behind it.", at + 1, line.trim()),
          t("Write each as: 3, 4 => 4"),
        );
      }
      return { input: line.slice(0, arrow).trim(), expected: line.slice(arrow + 2).trim() };
    });
  if (read.length === 0 || read.length > MOST_CASES) {
    throw new GlassboxError(
      "invalid-request",
      t("There are {0} tests; 1 to {1} are needed.", read.length, MOST_CASES),
      t("Write one in each line, as: 3, 4 => 4"),
    );
  }
  const comment = instruction.replaceAll("*/", "* /").replace(/\s+/g, " ").trim();
  return {
    functionName: found[1] ?? "",
    prompt: `// ${comment}\nfunction ${header.trim()} {\n`,
    cases: read,
  };
}

/** The whole function, of the prompt and what the model wrote as its body. */
export function sourceOf(prompt: string, body: string): string {
  return `${prompt}${body.trimEnd()}\n}`;
}

/** How probable it is that of k attempts, drawn from n of which c passed, at least one passed: 1 − C(n−c, k) / C(n, k). */
export function passAtK(n: number, c: number, k: number): number {
  let allFail = 1;
  for (let at = 0; at < k; at++) allFail *= Math.max(0, n - c - at) / (n - at);
  return 1 - allFail;
}

/**
 * How much better than the group each attempt was, in standard deviations: what group-relative policy optimisation
 * multiplies the push on its tokens with (Shao and others, arXiv 2402.03300). All 0 where all did alike.
 */
export function advantages(rewards: readonly number[]): number[] {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);
  const spread = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length);
  return rewards.map((reward) => (spread > 0 ? (reward - mean) / spread : 0));
}

/**
 * The pass rate of the distribution that earns most when straying from the old one costs as well: each attempt's
 * probability times e^(strength × reward), and all divided by their sum.
 */
export function reinforced(passRate: number, strength: number): number {
  const pushed = passRate * Math.exp(strength);
  return pushed / (pushed + 1 - passRate);
}
