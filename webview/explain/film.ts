/** Reads a recorded run as a film: what a moment shows, what came before it, and what is to be seen in the whole. */

import { sayRun } from "../../src/core/explain/sayRun.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { FunctionTrace, TracedVariable, TraceStep } from "../../src/shared/workerProtocol.js";

/** A variable at a moment, with what it held at the moment before in the same call. */
export interface FilmVariable extends TracedVariable {
  /** Undefined where it is new. */
  before: string | undefined;
}

/** A call that is open at a moment, outermost first. */
export interface OpenCall {
  functionName: string;
  /** Where it stands: the line of its own last moment. */
  line: number;
}

/** The last moment before `at` in the same call of the same function; undefined for the first of a call. */
export function momentBefore(steps: readonly TraceStep[], at: number): number | undefined {
  const depth = steps[at]?.depth ?? 0;
  for (let index = at - 1; index >= 0; index--) {
    const step = steps[index]!;
    if (step.depth < depth) return undefined;
    if (step.depth === depth) return step.kind === "line" ? index : undefined;
  }
  return undefined;
}

export function variablesAt(steps: readonly TraceStep[], at: number): FilmVariable[] {
  const before = momentBefore(steps, at);
  const earlier = before === undefined ? [] : steps[before]!.variables;
  return (steps[at]?.variables ?? []).map((variable) => ({
    ...variable,
    before: earlier.find(({ name }) => name === variable.name)?.value,
  }));
}

/** The calls that are open at a moment, the traced function first. */
export function openCalls(steps: readonly TraceStep[], at: number): OpenCall[] {
  const calls: OpenCall[] = [];
  let depth = Number.POSITIVE_INFINITY;
  for (let index = at; index >= 0 && depth > 0; index--) {
    const step = steps[index]!;
    if (step.depth >= depth) continue;
    calls.unshift({ functionName: step.functionName, line: step.line });
    depth = step.depth;
  }
  return calls;
}

/** How often each line has been reached up to and with a moment. */
export function reachedUpTo(steps: readonly TraceStep[], at: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const step of steps.slice(0, at + 1)) {
    if (step.kind === "line") counts.set(step.line, (counts.get(step.line) ?? 0) + 1);
  }
  return counts;
}

/** The next moment at a line behind `at`, from the beginning again when there is none. */
export function nextAtLine(steps: readonly TraceStep[], at: number, line: number): number | undefined {
  const isThere = (step: TraceStep) => step.line === line;
  const later = steps.findIndex((step, index) => index > at && isThere(step));
  if (later >= 0) return later;
  const first = steps.findIndex(isThere);
  return first < 0 ? undefined : first;
}

/** What stands on the run's own screen at a moment: what was there before, and what came since the last moment. */
export function printedAt({ run, steps }: FunctionTrace, at: number): { before: string; fresh: string } {
  const until = steps[at]?.printed ?? 0;
  const from = Math.min(until, steps[at - 1]?.printed ?? 0);
  return { before: run.printed.slice(0, from), fresh: run.printed.slice(from, until) };
}

/** Lines, and characters, that are shown of what has been printed. */
const SCREEN_LINES = 10;
const SCREEN_CHARACTERS = 400;

/** The last lines of what has been printed, as on a screen; `above` characters have left it at the top. */
export function screenOf(printed: { before: string; fresh: string }): {
  before: string;
  fresh: string;
  above: number;
} {
  const whole = printed.before + printed.fresh;
  const lines = whole.trimEnd().split("\n");
  const hidden = lines.slice(0, -SCREEN_LINES).reduce((sum, line) => sum + line.length + 1, 0);
  let above = Math.max(hidden, whole.length - SCREEN_CHARACTERS);
  // Not in the middle of a character that takes two units.
  if (/[\uDC00-\uDFFF]/.test(whole.charAt(above))) above++;
  const before = printed.before.slice(above);
  const fresh = printed.fresh.slice(Math.max(0, above - printed.before.length));
  return { before, fresh, above };
}

/** What was printed after the last moment that is kept. */
export function printedBehind({ run, steps }: FunctionTrace): string {
  return run.printed.slice(steps.at(-1)?.printed ?? 0);
}

/** A moment in one sentence or two: "Before line 4: total is now 3. It printed "3"." */
export function sayMoment(trace: FunctionTrace, at: number, firstLine: number): string {
  const moment = sayVariables(trace.steps, at, firstLine);
  const { fresh } = printedAt(trace, at);
  if (fresh.trim() === "") return moment;
  return `${moment} ${t("It printed “{0}”.", fresh.trim().replace(/\s+/g, " "))}`;
}

function sayVariables(steps: readonly TraceStep[], at: number, firstLine: number): string {
  const step = steps[at];
  if (!step) return "";
  const where = sayPlace(step, step.line + firstLine + 1);
  const changed = variablesAt(steps, at).filter((variable) => variable.changed);
  if (changed.length === 0) return `${where}.`;
  const values = changed.map(({ name, value, before }) =>
    before === undefined ? t("{0} is {1}", name, value) : t("{0} is now {1}", name, value),
  );
  return `${where}: ${values.join(", ")}.`;
}

/** What a moment is about; calls inside the traced one are named. @param line as it is numbered for the reader. */
function sayPlace({ kind, depth, functionName, value }: TraceStep, line: number): string {
  const isInner = depth > 0;
  switch (kind) {
    case "line":
      return isInner
        ? t("In {0}, before line {1} runs", functionName, line)
        : t("Before line {0} runs", line);
    case "return":
      if (value === undefined) {
        return isInner
          ? t("In {0}, line {1} leaves {0}", functionName, line)
          : t("Line {0} leaves {1}", line, functionName);
      }
      return isInner
        ? t("In {0}, line {1} leaves {0} with {2}", functionName, line, value)
        : t("Line {0} leaves {1} with {2}", line, functionName, value);
    case "throw":
      if (value === undefined) {
        return isInner ? t("In {0}, line {1} throws", functionName, line) : t("Line {0} throws", line);
      }
      return isInner
        ? t("In {0}, line {1} throws {2}", functionName, line, value)
        : t("Line {0} throws {1}", line, value);
  }
}

/** What is to be seen in the whole run, written from its numbers. */
export function captionOf(trace: FunctionTrace, call: string, firstLine: number): string {
  const { steps, truncated } = trace;
  const whole = sayRun(call, trace.run);
  if (steps.length === 0) return t("{0}; no line of it was recorded.", whole);
  const often = [...reachedUpTo(steps, steps.length)].reduce(
    (most, line) => (line[1] > most[1] ? line : most),
    [0, 0],
  );
  const seen = [
    often[1] > 1
      ? t("line {0} was reached {1} times", often[0] + firstLine + 1, formatCount(often[1]))
      : t("no line ran twice"),
  ];
  const busiest = mostChanged(steps);
  if (busiest) {
    const { name, times, last } = busiest;
    seen.push(
      times === 1
        ? t("{0} changed {1} time, at last to {2}", name, times, last)
        : t("{0} changed {1} times, at last to {2}", name, formatCount(times), last),
    );
  }
  const moments = countMoments(steps.length);
  return truncated
    ? t("{0}. In the {1} that are kept, {2}.", whole, moments, seen.join("; "))
    : t("{0} after {1}; {2}.", whole, moments, seen.join("; "));
}

export function countMoments(count: number): string {
  return count === 1 ? t("1 moment") : t("{0} moments", formatCount(count));
}

/** The variable of the traced call itself that was given a new value most often. */
function mostChanged(steps: readonly TraceStep[]): { name: string; times: number; last: string } | undefined {
  const changes = new Map<string, { name: string; times: number; last: string }>();
  for (const [index, step] of steps.entries()) {
    if (step.depth > 0) continue;
    for (const { name, value, changed, before } of variablesAt(steps, index)) {
      if (!changed || before === undefined) continue;
      const times = (changes.get(name)?.times ?? 0) + 1;
      changes.set(name, { name, times, last: value });
    }
  }
  return [...changes.values()].reduce<{ name: string; times: number; last: string } | undefined>(
    (most, entry) => (most && most.times >= entry.times ? most : entry),
    undefined,
  );
}

/** Lines of the film's code: from the function's head to its end, as far as the shown text goes. */
export interface FilmLines {
  /** 0-based in the traced source; inclusive. */
  first: number;
  last: number;
}

/**
 * Which lines of the text to show: those that the run reached, from the line that names the function to the line
 * that closes it. `lineAt` answers undefined outside the text.
 */
export function filmLines(
  trace: FunctionTrace,
  functionName: string,
  lineAt: (line: number) => string | undefined,
): FilmLines | undefined {
  const reached = trace.steps.map(({ line }) => line).filter((line) => lineAt(line) !== undefined);
  if (reached.length === 0) return undefined;
  let first = Math.min(...reached);
  let last = Math.max(...reached);
  const name = functionName.split(".").at(-1) ?? functionName;
  for (let line = first; line >= first - 20 && lineAt(line) !== undefined; line--) {
    if (!lineAt(line)?.includes(name)) continue;
    first = line;
    break;
  }
  const head = indentOf(lineAt(first) ?? "");
  for (let line = last + 1; ; line++) {
    const text = lineAt(line);
    if (text === undefined) break;
    if (text.trim() === "") continue;
    if (indentOf(text) > head) {
      last = line;
      continue;
    }
    if (/^\s*[}\])]/.test(text)) last = line;
    break;
  }
  return { first, last };
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

/** More lines than this are shown in part. */
const MOST_LINES = 30;
/** The part moves by so many lines at a time, so that the code stands still while a loop runs. */
const PAGE = 10;

/** The part of the lines that is shown while the run stands at `line`. */
export function linesInSight({ first, last }: FilmLines, line: number): FilmLines {
  if (last - first < MOST_LINES) return { first, last };
  const wanted = Math.max(first, Math.min(line, last)) - PAGE;
  const from = first + Math.max(0, Math.floor((wanted - first) / PAGE) * PAGE);
  const start = Math.min(from, last - MOST_LINES + 1);
  return { first: start, last: start + MOST_LINES - 1 };
}
