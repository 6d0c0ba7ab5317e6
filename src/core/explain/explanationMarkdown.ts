/** An explanation as Markdown: code, facts, words with their drafts, predictions and how they came out, questions. */

import type {
  Answer,
  AnswerTarget,
  ExplainState,
  Fact,
  FollowUpTarget,
  Prediction,
} from "../../shared/panels/explain.js";
import type { CheckResult, Verdict } from "../../shared/types.js";
import { isFinished, scoreOf } from "./explanationState.js";
import { withoutIndent } from "./prompts.js";
import { textOfTokens } from "./textOfTokens.js";

const VERDICTS: Readonly<Record<Verdict, string>> = {
  verified: "✓ verified",
  contradicted: "✗ contradicted",
  unchecked: "○ unchecked",
};

/**
 * Text that stands in a paragraph as it is: whatever Markdown or HTML would read in it is escaped, and it stays on
 * one line.
 */
export function plainMarkdown(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return (
    line
      .replace(/[\\`*_{}[\]<>()#!|~$^&]/g, "\\$&")
      .replace(/^(\d+)([.)])/, "$1\\$2")
      .replace(/^([-+=:])/, "\\$1")
      // Bare addresses would become links.
      .replace(/(https?|ftp|mailto):/gi, "$1\u2060:")
      .replace(/www\./gi, "www\u2060.")
      .replace(/@/g, "\u2060@")
  );
}

/** The longest run of a character in a text. */
function longestRun(text: string, character: string): number {
  return Math.max(0, ...[...text.matchAll(new RegExp(`\\${character}+`, "g"))].map(([run]) => run.length));
}

/** Text in a line as code. */
export function inlineCode(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line === "") return "";
  const fence = "`".repeat(longestRun(line, "`") + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A block of code whose fence is longer than any that stands in it. */
export function codeBlock(code: string, languageId: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(code, "`") + 1));
  const language = /^[\w+#-]{1,30}$/.test(languageId) ? languageId : "";
  return `${fence}${language}\n${code}\n${fence}`;
}

/** The whole explanation with its evidence. @param date the day it is saved, as it is to be written. */
export function explanationMarkdown(state: ExplainState, date: string): string {
  const { subject, steps, model, seed, sampling, parser } = state;
  const lines = formatLines(subject.firstLine, subject.lastLine);
  return [
    `# Explanation of ${plainMarkdown(subject.fileName)}, ${lines}`,
    madeBy(state, date),
    ...(subject.notes.length > 0 ? [bullets(subject.notes.map(plainMarkdown))] : []),
    ...(state.edited ? ["The text has been edited since it was explained; this is the text as it was."] : []),
    codeBlock(withoutIndent(subject.text), subject.languageId),
    ...attempts(state),
    ...facts(state),
    ...steps.flatMap((step) => {
      const place = state.lines[step.index] ?? { first: step.firstLine, last: step.lastLine };
      return [
        `## Step ${step.index + 1}: ${plainMarkdown(step.kind)}, ${formatLines(place.first, place.last)}`,
        codeBlock(withoutIndent(subject.text.slice(step.start, step.end)), subject.languageId),
        ...listedFacts(state.gathered.filter((fact) => fact.step === step.index)),
        ...versions(state, step.index),
        ...predictions(state.predictions.filter(({ question }) => question.step === step.index)),
      ];
    }),
    ...(state.answers.continuation
      ? [
          "## Continuation",
          "This model only continues text. This is how it goes on after the selection; it is not an explanation.",
          ...versions(state, "continuation"),
        ]
      : []),
    ...followUps(state),
    ...score(state),
    ...stages(state),
    `Steps by ${plainMarkdown(parser === "" ? "no parser" : parser)}. ${
      model
        ? `Sampling: temperature ${sampling.temperature}, top-k ${sampling.topK}, top-p ${sampling.topP}, min-p ${sampling.minP}, seed ${seed}.`
        : "No model has spoken."
    }`,
  ]
    .filter((block) => block !== "")
    .join("\n\n")
    .concat("\n");
}

function madeBy({ model }: ExplainState, date: string): string {
  if (!model) return `Made by Glassbox on ${date}.`;
  const where =
    model.server === undefined
      ? `(${plainMarkdown(model.quantisation)}), on this machine`
      : `on the server at ${plainMarkdown(model.server)}`;
  return `Made by Glassbox on ${date} with ${plainMarkdown(model.name)} ${where}. Each claim says whether a tool has verified it.`;
}

function formatLines(first: number, last: number): string {
  return first === last ? `line ${first + 1}` : `lines ${first + 1}–${last + 1}`;
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function attempts({ attempts: found }: ExplainState): string[] {
  if (found.length === 0) return [];
  return [
    "**This text seems to instruct the tutor** (found by rules of thumb; it was treated as data):",
    bullets(
      found.map(({ line, quote, looksLike }) => {
        const place = line === undefined ? "" : `line ${line + 1}: `;
        return `${place}${inlineCode(quote)} ${plainMarkdown(looksLike)}`;
      }),
    ),
  ];
}

function facts(state: ExplainState): string[] {
  const whole = state.gathered.filter((fact) => fact.step === undefined);
  if (whole.length === 0) return [];
  const told =
    state.told.length > 0 ? `The model was told ${state.told.length} of them before it spoke.` : "";
  return ["## Facts from tools", ...listedFacts(whole), told];
}

function listedFacts(list: readonly Fact[]): string[] {
  return list.length === 0 ? [] : [bullets(list.map(checkLine))];
}

function checkLine({ verdict, statement, evidence, tool }: CheckResult): string {
  return `${VERDICTS[verdict]}: ${inlineCode(statement)} — ${plainMarkdown(evidence)} (${plainMarkdown(tool)})`;
}

/** The shown words of a target and the drafts and branches beside them, in the order in which they were written. */
function versions(state: ExplainState, target: AnswerTarget): string[] {
  const shown = state.answers[target];
  if (!shown) return [];
  const kept = state.kept[target] ?? [];
  const all = [...kept, shown].sort((a, b) => a.version - b.version);
  return all.flatMap((answer) => {
    const words = plainMarkdown(textOfTokens(answer.tokens.map(({ token }) => token)));
    const said = words === "" ? "(no words)" : words;
    const cut = isFinished(answer) ? "" : " … (not finished)";
    const label = all.length === 1 ? "" : `${versionLabel(answer, answer === shown)} `;
    const undecided =
      answer.checks.length === 0 && isFinished(answer)
        ? `${VERDICTS.unchecked}: no tool here decides these words.`
        : "";
    return [
      `${label}${said}${cut}`,
      answer.checks.length > 0 ? bullets(answer.checks.map(checkLine)) : undecided,
    ];
  });
}

function versionLabel({ origin, version }: Answer, shown: boolean): string {
  const name =
    origin.kind === "first"
      ? "first draft"
      : origin.kind === "revision"
        ? "second draft, after a contradiction"
        : `branch at token ${origin.tokenIndex + 1}`;
  return `**Version ${version}, ${name}${shown ? ", shown" : ""}:**`;
}

function predictions(list: readonly Prediction[]): string[] {
  const said = list.filter(({ model, reader, outcome }) => model || reader || outcome);
  if (said.length === 0) return [];
  return [
    "Predicted before it was run:",
    bullets(
      said.map(({ question, model, reader, outcome }) =>
        [
          plainMarkdown(question.text),
          model && `The model said ${inlineCode(model.answer)}: ${VERDICTS[model.verdict]}.`,
          reader && `The reader said ${inlineCode(reader.answer)}: ${VERDICTS[reader.verdict]}.`,
          outcome &&
            `${outcome.actual === undefined ? "The run could not decide." : `It is ${inlineCode(outcome.actual)}.`} ${plainMarkdown(outcome.evidence)} (${plainMarkdown(outcome.tool)})`,
        ]
          .filter((part) => part !== undefined)
          .join(" "),
      ),
    ),
  ];
}

function followUps(state: ExplainState): string[] {
  if (state.followUps.length === 0) return [];
  return [
    "## Questions",
    ...state.followUps.flatMap(({ id, text }) => {
      const target: FollowUpTarget = `follow-up-${id}`;
      return [`**${plainMarkdown(text)}**`, ...versions(state, target)];
    }),
  ];
}

function score({ predictions: list }: ExplainState): string[] {
  const line = (who: "model" | "reader", name: string) => {
    const { verified, contradicted, unchecked } = scoreOf(list, who);
    if (verified + contradicted + unchecked === 0) return undefined;
    return `${name}: ${verified} right, ${contradicted} wrong, ${unchecked} undecided.`;
  };
  const lines = [line("model", "The model"), line("reader", "The reader")].filter(
    (found) => found !== undefined,
  );
  return lines.length === 0 ? [] : ["## Predictions in all", bullets(lines)];
}

function stages({ stages: list, price }: ExplainState): string[] {
  if (list.length === 0) return [];
  const rows = list.map(
    ({ kind, title, promptTokens, tokens, ms, result, state }) =>
      `| ${kind} | ${plainMarkdown(title)} | ${promptTokens || ""} | ${tokens || ""} | ${Math.round(ms)} | ${plainMarkdown(state === "ended" ? result : `${state} ${result}`)} |`,
  );
  const sum = (of: (stage: (typeof list)[number]) => number) =>
    list.reduce((total, stage) => total + of(stage), 0);
  const [read, written] = [sum(({ promptTokens }) => promptTokens), sum(({ tokens }) => tokens)];
  const dollars = price && (read * price.input + written * price.output) / 1e6;
  return [
    "## Stages",
    [
      "| stage | what | tokens read | tokens written | ms | result |",
      "| --- | --- | --: | --: | --: | --- |",
      ...rows,
    ].join("\n"),
    price && dollars !== undefined
      ? `On this machine it cost nothing. The same ${read} tokens read and ${written} written would cost $${dollars.toFixed(4)} with ${plainMarkdown(price.model)} of ${plainMarkdown(price.vendor)}.`
      : "",
  ];
}
