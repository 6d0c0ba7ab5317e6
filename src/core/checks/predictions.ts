/** Questions about a function that a run decides: made from a recorded run, asked one at a time, then decided. */

import { t } from "../../shared/l10n.js";
import type {
  ExplainSubject,
  GrowthPoint,
  PredictionOutcome,
  PredictionQuestion,
  SourceExcerpt,
} from "../../shared/panels/explain.js";
import type { ExplanationStep, Verdict } from "../../shared/types.js";
import type { FunctionTrace, RunnableFunction, TraceStep } from "../../shared/workerProtocol.js";
import { sayRun } from "../explain/sayRun.js";
import { evidenceIn } from "./evidenceIn.js";
import { COMPLEXITIES, fitComplexity, grownInput } from "./growth.js";
import { isSimpleLiteral, literalGrammar, sameLiteral, splitArguments } from "./literals.js";

/** Which tool decides; the same name as for facts. */
export function sandboxName(languageId: string): string {
  return languageId === "python" ? t("Python sandbox") : t("QuickJS sandbox");
}

/**
 * The input that is kept for predictions: neither shown nor told before. The first one is what the facts are made of,
 * where there is more than one.
 * @param seen inputs whose results the reader knows already; one of them is taken only where there is no other.
 */
export function heldOutInput({ suggestedInputs }: RunnableFunction, seen: readonly string[] = []): string {
  const [first, ...others] = suggestedInputs;
  return others.find((input) => !seen.includes(input)) ?? others[0] ?? first ?? "";
}

/** An input that a function may refuse: its first argument is nothing at all. */
function hardInput(input: string, languageId: string): string | undefined {
  const [first, ...rest] = splitArguments(input);
  if (first === undefined) return undefined;
  return [languageId === "python" ? "None" : "null", ...rest].join(", ");
}

/** A recorded run, and where its source stands in the document. */
export interface PlacedTrace {
  trace: FunctionTrace;
  /** The document's line (0-based) at which the traced source begins. */
  firstLine: number;
  /** What it reached beside the selection. */
  beside: SourceExcerpt[];
}

/** The steps of the outermost call that stand before a line, each with its index in the trace. */
function outerLines({ trace, firstLine }: PlacedTrace): { at: number; line: number; step: TraceStep }[] {
  return trace.steps.flatMap((step, at) =>
    step.kind === "line" && step.depth === 0 ? [{ at, line: step.line + firstLine, step }] : [],
  );
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth"] as const;

type Draft = Omit<PredictionQuestion, "id" | "functionName" | "input" | "options"> &
  Partial<Pick<PredictionQuestion, "input" | "options">>;

/**
 * Questions about one function, at most one of a kind.
 * @param placed the recorded run of the held-out input.
 */
export function questionsAbout(
  fn: RunnableFunction,
  placed: PlacedTrace,
  subject: ExplainSubject,
  steps: readonly ExplanationStep[],
): Omit<PredictionQuestion, "id">[] {
  const { trace } = placed;
  const input = trace.run.input;
  const call = `${fn.name}(${input})`;
  const lines = outerLines(placed);
  const stepAt = (line: number) =>
    steps.find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
  const first = stepAt(lines[0]?.line ?? subject.firstLine) ?? steps[0];
  if (!first) return [];
  const last = stepAt(lines.at(-1)?.line ?? subject.firstLine) ?? first;
  const drafts: (Draft | undefined)[] = [];

  if (!trace.truncated) {
    drafts.push(iterations(call, lines, subject, steps), variable(call, fn, lines, subject, stepAt));
  }
  if (trace.run.outcome === "returned" && isSimpleLiteral(trace.run.value)) {
    drafts.push({
      kind: "return-value",
      step: last.index,
      line: undefined,
      variable: undefined,
      ...asking(trace.run.value, `does ${call} return`),
    });
  }
  const hard = hardInput(input, subject.languageId);
  if (hard !== undefined) {
    drafts.push({
      kind: "throws",
      step: last.index,
      line: undefined,
      variable: undefined,
      input: hard,
      text: `Does ${fn.name}(${hard}) throw an error?`,
      options: ["yes", "no"],
      form: "choice",
    });
  }
  const growing = fn.suggestedInputs[0];
  const grown = growing === undefined ? undefined : grownInput(growing, fn.parameters, 8);
  if (growing !== undefined && grown !== undefined && lines.length > 0) {
    drafts.push({
      kind: "complexity",
      step: last.index,
      line: undefined,
      variable: undefined,
      input: growing,
      text: `How does the number of lines that ${fn.name} runs grow with the size n of its input?`,
      options: [...COMPLEXITIES],
      form: "choice",
    });
  }
  return drafts
    .filter((draft) => draft !== undefined)
    .map((draft) => ({ functionName: fn.name, input, options: [], ...draft }))
    .sort((a, b) => a.step - b.step);
}

const TRUTHS = [
  ["true", "false"],
  ["True", "False"],
];

/** The question for a value, which says of what kind it is: a small model would else answer a number with a text. */
function asking(value: string, words: string): Pick<Draft, "text" | "options" | "form"> {
  const truth = TRUTHS.find((options) => options.includes(value));
  if (truth) return { text: `What ${words}, ${truth.join(" or ")}?`, options: truth, form: "choice" };
  if (/^-?\d/.test(value)) return { text: `Which number ${words}?`, form: "number" };
  if (/^["']/.test(value)) return { text: `Which text ${words}?`, form: "text" };
  return { text: `What ${words}?`, form: "literal" };
}

/** How often a loop's body runs, where its first line is told apart from the head. */
function iterations(
  call: string,
  lines: readonly { line: number }[],
  subject: ExplainSubject,
  steps: readonly ExplanationStep[],
): Draft | undefined {
  for (const step of steps) {
    if (step.kind !== "loop") continue;
    const body = bodyLine(step, lines, subject);
    if (body === undefined) continue;
    return {
      kind: "iterations",
      step: step.index,
      line: body,
      variable: undefined,
      text: `In ${call}, how many times does line ${body + 1} run, inside the loop?`,
      form: "count",
    };
  }
  return undefined;
}

function bodyLine(
  step: ExplanationStep,
  lines: readonly { line: number }[],
  subject: ExplainSubject,
): number | undefined {
  const texts = subject.text.split("\n");
  const textAt = (line: number) => texts[line - subject.firstLine] ?? "";
  // A comment may stand above the head.
  const head = lines.find(({ line }) => step.firstLine <= line && line <= step.lastLine)?.line;
  if (head === undefined) return undefined;
  const body = lines.find(({ line }) => line > head && line <= step.lastLine)?.line;
  if (body === undefined) return undefined;
  // A line that is a loop itself, or that goes on below, is visited more often than the body begins.
  const text = textAt(body);
  const opens = (text.match(/[([{]/g) ?? []).length;
  const closes = (text.match(/[)\]}]/g) ?? []).length;
  return /^\s*(?:async\s+)?(?:for|while|do)\b/.test(text) || (opens > closes && !/\{\s*$|:\s*$/.test(text))
    ? undefined
    : body;
}

/** What a local variable holds when a line is about to run once more. */
function variable(
  call: string,
  fn: RunnableFunction,
  lines: readonly { line: number; step: TraceStep }[],
  subject: ExplainSubject,
  stepAt: (line: number) => ExplanationStep | undefined,
): Draft | undefined {
  const texts = subject.text.split("\n");
  const parameters = new Set(fn.parameters);
  const visits = new Map<number, number>();
  const values = new Map<string, string>();
  let counter: Draft | undefined;
  for (const { line, step } of lines) {
    const visit = (visits.get(line) ?? 0) + 1;
    visits.set(line, visit);
    for (const { name, value } of step.variables) {
      const before = values.get(name);
      values.set(name, value);
      const place = stepAt(line);
      const tells = before !== undefined && before !== value && visit > 1 && visit <= ORDINALS.length;
      const isPlain = isSimpleLiteral(value) && !/^[[({]/.test(value);
      if (!place || !tells || !isPlain || parameters.has(name)) continue;
      const draft: Draft = {
        kind: "variable",
        step: place.index,
        line,
        variable: { name, visit },
        ...asking(
          value,
          `is ${name} in ${call}, just before line ${line + 1} runs for the ${ORDINALS[visit - 1]!} time`,
        ),
      };
      // What the head of a loop counts says less than what its body works on.
      const isCounted = texts.some(
        (text) => /^\s*(?:for|while)\b/.test(text) && text.split(/[^\p{L}\p{N}_$]+/u).includes(name),
      );
      if (!isCounted) return draft;
      counter ??= draft;
    }
  }
  return counter;
}

/** The grammar that a model's answer to a question must follow. */
export function answerGrammar({ form, options }: PredictionQuestion, languageId: string): string {
  switch (form) {
    case "choice":
      return `root ::= ${options.map((option) => `"${option.replace("²", "^2")}"`).join(" | ")}`;
    case "count":
      return "root ::= [0-9] | [1-9] [0-9]{1,3}";
    default:
      return literalGrammar(languageId, form);
  }
}

/** What the grammar's text says. */
export function answerFromText(text: string): string {
  return text.trim().replace("^2", "²");
}

/** Whether an answer has the form that the question asks for; the grammar sees to it where the model answers. */
export function isAnswer({ form, options }: PredictionQuestion, answer: string): boolean {
  if (form === "choice") return options.includes(answer);
  return form === "count" ? /^\d{1,4}$/.test(answer) : isSimpleLiteral(answer);
}

/** What a run of the question's input shows. Complexity is decided by `growthOutcome`. */
export function traceOutcome(
  question: PredictionQuestion,
  placed: PlacedTrace,
  languageId: string,
): PredictionOutcome {
  const { trace, firstLine, beside } = placed;
  const { run, steps } = trace;
  const call = `${question.functionName}(${question.input})`;
  const told =
    run.outcome === "returned"
      ? `${call} returned ${run.value}`
      : `${call} ${run.outcome === "threw" ? "threw" : `${run.outcome}:`} ${run.value}`.trim();
  const saw = run.outcome === "returned" || run.outcome === "threw" ? sayRun(call, run).trim() : told;
  const outcome = (
    actual: string | undefined,
    evidence: ReturnType<typeof evidenceIn>,
    traceStep: number | undefined,
  ): PredictionOutcome => ({
    actual,
    ...evidence,
    tool: sandboxName(languageId),
    traceStep,
    trace,
    firstLine,
    beside,
    growth: [],
  });
  const end = steps.findLastIndex(({ kind, depth }) => kind !== "line" && depth === 0);
  const endStep = end < 0 ? undefined : end;
  const lines = outerLines(placed).filter(({ line }) => line === question.line);
  switch (question.kind) {
    case "return-value":
      return outcome(run.outcome === "returned" ? run.value : undefined, evidenceIn(saw, told), endStep);
    case "throws": {
      const actual = run.outcome === "threw" ? "yes" : run.outcome === "returned" ? "no" : undefined;
      return outcome(actual, evidenceIn(saw, told), endStep);
    }
    case "iterations": {
      if (trace.truncated) {
        const tooLong = "The run was too long to be recorded whole.";
        return outcome(
          undefined,
          evidenceIn(t("The run was too long to be recorded whole."), tooLong),
          undefined,
        );
      }
      const line = question.line! + 1;
      const times = lines.length === 1 ? "once" : `${lines.length} times`;
      return outcome(
        String(lines.length),
        evidenceIn(
          lines.length === 1
            ? t("Line {0} ran once; {1}", line, saw)
            : t("Line {0} ran {1} times; {2}", line, lines.length, saw),
          `Line ${line} ran ${times}; ${told}`,
        ),
        lines.at(-1)?.at,
      );
    }
    case "variable": {
      const { name, visit } = question.variable!;
      const place = lines[visit - 1];
      const value = place?.step.variables.find((candidate) => candidate.name === name)?.value;
      return value === undefined
        ? outcome(
            undefined,
            evidenceIn(
              t("The recorded run does not show {0} there; {1}", name, saw),
              `The recorded run does not show ${name} there; ${told}`,
            ),
            place?.at,
          )
        : outcome(
            value,
            evidenceIn(
              t("{0} was {1} at step {2} of the recorded run", name, value, place!.at + 1),
              `${name} was ${value} at step ${place!.at + 1} of the recorded run`,
            ),
            place!.at,
          );
    }
    case "complexity":
      throw new TypeError("Growth is measured over several runs.");
  }
}

/** What the line counts of growing inputs show. */
export function growthOutcome(growth: readonly GrowthPoint[], languageId: string): PredictionOutcome {
  const actual = fitComplexity(growth);
  const measured = growth.map(({ size, lines }) => `n = ${size}: ${lines}`).join(", ");
  return {
    actual,
    ...(growth.length === 0
      ? evidenceIn(t("No run of growing input ended."), "No run of growing input ended.")
      : actual === undefined
        ? evidenceIn(
            t("Lines run: {0}; none of the curves fits", measured),
            `Lines run: ${measured}; none of the curves fits`,
          )
        : evidenceIn(t("Lines run: {0}", measured), `Lines run: ${measured}`)),
    tool: sandboxName(languageId),
    traceStep: undefined,
    trace: undefined,
    firstLine: 0,
    beside: [],
    growth: [...growth],
  };
}

/** Whether an answer is what the run showed. A reader may leave out the quotes of a text. */
export function verdictOn(question: PredictionQuestion, answer: string, outcome: PredictionOutcome): Verdict {
  const { actual, trace } = outcome;
  // A value was predicted and an error came: that is decided.
  if (question.kind === "return-value" && trace?.run.outcome === "threw") return "contradicted";
  if (actual === undefined) return "unchecked";
  const said = answer.trim();
  const right =
    question.form === "choice"
      ? said.toLowerCase() === actual.toLowerCase()
      : sameLiteral(said, actual) || (question.form === "text" && sameLiteral(`"${said}"`, actual));
  return right ? "verified" : "contradicted";
}
