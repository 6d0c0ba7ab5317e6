/** An explanation as Markdown: code, facts, words with their drafts, predictions and how they came out, questions. */

import { formatCount } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type {
  Answer,
  AnswerTarget,
  ExplainState,
  Fact,
  FollowUpTarget,
  Prediction,
  PredictionQuestion,
} from "../../shared/panels/explain.js";
import type { CheckResult, Verdict } from "../../shared/types.js";
import { sayAnswer, sayQuestion } from "../checks/sayQuestion.js";
import { formatCost, inputCost, outputCost } from "../tokens/prices.js";
import { isFinished, scoreOf } from "./explanationState.js";
import { kindName } from "./kindName.js";
import { withoutIndent } from "./prompts.js";
import { textOfTokens } from "./textOfTokens.js";

const VERDICTS: Readonly<Record<Verdict, string>> = {
  verified: `✓ ${t("verified")}`,
  contradicted: `✗ ${t("contradicted")}`,
  unchecked: `○ ${t("unchecked")}`,
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
    `# ${t("Explanation of {0}, {1}", plainMarkdown(subject.fileName), lines)}`,
    madeBy(state, date),
    ...(subject.notes.length > 0 ? [bullets(subject.notes.map(plainMarkdown))] : []),
    ...(state.edited
      ? [t("The text has been edited since it was explained; this is the text as it was.")]
      : []),
    codeBlock(withoutIndent(subject.text), subject.languageId),
    ...attempts(state),
    ...facts(state),
    ...steps.flatMap((step) => {
      const place = state.lines[step.index] ?? { first: step.firstLine, last: step.lastLine };
      return [
        `## ${t("Step {0}: {1}, {2}", step.index + 1, plainMarkdown(kindName(step.kind)), formatLines(place.first, place.last))}`,
        codeBlock(withoutIndent(subject.text.slice(step.start, step.end)), subject.languageId),
        ...listedFacts(state.gathered.filter((fact) => fact.step === step.index)),
        ...versions(state, step.index),
        ...predictions(state.predictions.filter(({ question }) => question.step === step.index)),
      ];
    }),
    ...(state.answers.continuation
      ? [
          `## ${t("Continuation")}`,
          t(
            "This model only continues text. This is how it goes on after the selection; it is not an explanation.",
          ),
          ...versions(state, "continuation"),
        ]
      : []),
    ...followUps(state),
    ...score(state),
    ...stages(state),
    [
      t("Steps by {0}.", plainMarkdown(parser === "" ? t("no parser") : parser)),
      model
        ? t(
            "Sampling: temperature {0}, top-k {1}, top-p {2}, min-p {3}, seed {4}.",
            formatCount(sampling.temperature),
            formatCount(sampling.topK),
            formatCount(sampling.topP),
            formatCount(sampling.minP),
            seed,
          )
        : t("No model has spoken."),
    ].join(" "),
  ]
    .filter((block) => block !== "")
    .join("\n\n")
    .concat("\n");
}

function madeBy({ model }: ExplainState, date: string): string {
  if (!model) return t("Made by Glassbox on {0}.", date);
  const name = plainMarkdown(model.name);
  return model.server === undefined
    ? t(
        "Made by Glassbox on {0} with {1} ({2}), on this machine. Each claim says whether a tool has verified it.",
        date,
        name,
        plainMarkdown(model.quantisation),
      )
    : t(
        "Made by Glassbox on {0} with {1} on the server at {2}. Each claim says whether a tool has verified it.",
        date,
        name,
        plainMarkdown(model.server),
      );
}

function formatLines(first: number, last: number): string {
  return first === last ? t("line {0}", first + 1) : t("lines {0}–{1}", first + 1, last + 1);
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function attempts({ attempts: found }: ExplainState): string[] {
  if (found.length === 0) return [];
  return [
    t("**This text seems to instruct the tutor** (found by rules of thumb; it was treated as data):"),
    bullets(
      found.map(({ line, quote, looksLike }) => {
        const place = line === undefined ? "" : `${t("line {0}", line + 1)}: `;
        return `${place}${inlineCode(quote)} ${plainMarkdown(looksLike)}`;
      }),
    ),
  ];
}

function facts(state: ExplainState): string[] {
  const whole = state.gathered.filter((fact) => fact.step === undefined);
  if (whole.length === 0) return [];
  const told =
    state.told.length > 0 ? t("The model was told {0} of them before it spoke.", state.told.length) : "";
  return [`## ${t("Facts from tools")}`, ...listedFacts(whole), told];
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
    const said = words === "" ? t("(no words)") : words;
    const cut = isFinished(answer) ? "" : ` … ${t("(not finished)")}`;
    const label = all.length === 1 ? "" : `${versionLabel(answer, answer === shown)} `;
    const undecided =
      answer.checks.length === 0 && isFinished(answer)
        ? `${VERDICTS.unchecked}: ${t("no tool here decides these words.")}`
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
      ? t("first draft")
      : origin.kind === "revision"
        ? t("second draft, after a contradiction")
        : t("branch at token {0}", origin.tokenIndex + 1);
  const label = shown ? t("Version {0}, {1}, shown:", version, name) : t("Version {0}, {1}:", version, name);
  return `**${label}**`;
}

function predictions(list: readonly Prediction[]): string[] {
  const said = list.filter(({ model, reader, outcome }) => model || reader || outcome);
  if (said.length === 0) return [];
  return [
    t("Predicted before it was run:"),
    bullets(
      said.map(({ question, model, reader, outcome }) =>
        [
          plainMarkdown(sayQuestion(question)),
          model && t("The model said {0}: {1}.", answered(question, model.answer), VERDICTS[model.verdict]),
          reader &&
            t("The reader said {0}: {1}.", answered(question, reader.answer), VERDICTS[reader.verdict]),
          outcome &&
            `${outcome.actual === undefined ? t("The run could not decide.") : t("It is {0}.", answered(question, outcome.actual))} ${plainMarkdown(outcome.evidence)} (${plainMarkdown(outcome.tool)})`,
        ]
          .filter((part) => part !== undefined)
          .join(" "),
      ),
    ),
  ];
}

/** An answer as code, in the words of the question. */
function answered(question: PredictionQuestion, answer: string): string {
  return inlineCode(sayAnswer(question, answer));
}

function followUps(state: ExplainState): string[] {
  if (state.followUps.length === 0) return [];
  return [
    `## ${t("Questions")}`,
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
    return t("{0}: {1} right, {2} wrong, {3} undecided.", name, verified, contradicted, unchecked);
  };
  const lines = [line("model", t("The model")), line("reader", t("The reader"))].filter(
    (found) => found !== undefined,
  );
  return lines.length === 0 ? [] : [`## ${t("Predictions in all")}`, bullets(lines)];
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
  const dollars = price && inputCost(price, read) + outputCost(price, written);
  return [
    `## ${t("Stages")}`,
    [
      `| ${[t("stage"), t("what"), t("tokens read"), t("tokens written"), "ms", t("result")].join(" | ")} |`,
      "| --- | --- | --: | --: | --: | --- |",
      ...rows,
    ].join("\n"),
    price && dollars !== undefined
      ? t(
          "On this machine it cost nothing. The same {0} tokens read and {1} written would cost {2} with {3} of {4} ({5}).",
          formatCount(read),
          formatCount(written),
          formatCost(dollars),
          plainMarkdown(price.model),
          plainMarkdown(price.vendor),
          plainMarkdown(price.source),
        )
      : "",
  ];
}
