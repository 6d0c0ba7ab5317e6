/** A lesson file -> a lesson, or every fault in it with its file and line. The only way into a lesson. */

import { firstCharacters } from "../../shared/cutText.js";
import { t } from "../../shared/l10n.js";
import type {
  CheckBlock,
  CheckConfig,
  ChooseOption,
  EstimateOf,
  ExhibitBlock,
  ExhibitConfig,
  FormulaSymbol,
  Inline,
  Lesson,
  LessonBlock,
  ProseBlock,
} from "../../shared/panels/lesson.js";
import { explainFormula, setFormula } from "./formula.js";
import { courseFileName } from "./languages.js";
import {
  checkAnchors,
  checkNeeds,
  checkParameters,
  checkReferences,
  type ReadCheck,
  type ReadExhibit,
} from "./lessonRules.js";
import {
  CHECK_TYPES,
  choose,
  EXHIBIT_PARAMETERS,
  EXHIBIT_TYPES,
  estimate,
  explain,
  formula,
  guess,
  head,
  order,
  prompt,
  until,
} from "./lessonSchemas.js";
import { type Fence, isOwnFence, type MarkdownContext, parseBlocks, parseInline } from "./markdown.js";
import { plainText } from "./plainText.js";
import {
  type Infer,
  type Issue,
  identifier,
  optional,
  parseYaml,
  peek,
  type ReadContext,
  type Schema,
  shape,
  text,
  type YamlBlock,
} from "./schema.js";

/** The most words of prose in a lesson; what needs more is two lessons. */
export const MOST_WORDS = 400;
/** The same in another language than English: what is said in few words in one takes more in the other. */
export const MOST_TRANSLATED_WORDS = 480;
/** Longer files are no lessons, and are not worth parsing. */
const MOST_CHARACTERS = 100_000;
/** UTF-16 units: a message quotes what it found, which can be the rest of the file. */
const MOST_MESSAGE = 500;

export interface LessonIssue extends Issue {
  /** The file as it was given, such as `2-text-into-tokens/tokens.md`. */
  file: string;
}

export type ParsedLesson = { lesson: Lesson; issues: [] } | { lesson: undefined; issues: LessonIssue[] };

/** `tokens.md:14: Unknown exhibit …` */
export function formatIssue(issue: LessonIssue): string {
  return `${issue.file}:${issue.line}: ${issue.message}`;
}

/**
 * Parses and validates one lesson.
 * @param file its path, for messages; the name without its language and `.md` must be the lesson's id.
 * @param terms the ids of the glossary; left out, terms are not checked.
 */
export function parseLesson(source: string, file: string, terms?: ReadonlySet<string>): ParsedLesson {
  const steps = lessonInSteps(source, file, terms);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As `parseLesson`, handing control back after each block of YAML was parsed, and after it was read. */
export function* lessonInSteps(
  source: string,
  file: string,
  terms?: ReadonlySet<string>,
): Generator<void, ParsedLesson, void> {
  const issues: Issue[] = [];
  const lesson = yield* read(source, file, { issues, terms });
  if (lesson && issues.length === 0) return { lesson, issues: [] };
  const sorted = issues.toSorted((a, b) => a.line - b.line);
  const cut = (message: string) =>
    message.length > MOST_MESSAGE ? `${firstCharacters(message, MOST_MESSAGE)} …` : message;
  return {
    lesson: undefined,
    issues: sorted.map((issue) => ({ file, ...issue, message: cut(issue.message) })),
  };
}

/** Words of running text, as a reader counts them; exhibits and checks are not prose. */
export function countWords(blocks: readonly LessonBlock[]): number {
  let count = 0;
  const addInline = (children: readonly Inline[]) => {
    count += plainText(children).match(/\S*[\p{L}\p{N}]\S*/gu)?.length ?? 0;
  };
  for (const block of blocks) {
    switch (block.kind) {
      case "heading":
      case "paragraph":
        addInline(block.children);
        break;
      case "list":
        for (const item of block.items) count += countWords(item);
        break;
      case "quote":
        count += countWords(block.children);
        break;
    }
  }
  return count;
}

function* read(
  source: string,
  file: string,
  markdown: MarkdownContext,
): Generator<void, Lesson | undefined, void> {
  const { issues } = markdown;
  if (source.length > MOST_CHARACTERS) {
    issues.push({
      line: 1,
      message: t("The file has {0} characters; a lesson has at most {1}.", source.length, MOST_CHARACTERS),
    });
    return undefined;
  }
  const lines = source.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const end = lines.indexOf("---", 1);
  if (lines[0] !== "---" || end < 0) {
    issues.push({ line: 1, message: t('A lesson begins with front matter between two lines of "---".') });
    return undefined;
  }
  const context = (yaml: YamlBlock): ReadContext => ({
    issues,
    lineOf: yaml.lineOf,
    inline: (line, at) => parseInline(line, at, markdown),
  });
  const front = parseYaml(lines.slice(1, end).join("\n"), 2, issues);
  yield;
  const found = front && readBlock(head, front, 2, context(front));

  // The front matter becomes empty lines, so that the lines of the body are those of the file.
  const body = [...lines.slice(0, end + 1).map(() => ""), ...lines.slice(end + 1)].join("\n");
  const exhibits: ReadExhibit[] = [];
  const checks: ReadCheck[] = [];
  const blocks: LessonBlock[] = [];
  yield;
  const parts = parseBlocks(body, markdown);
  yield;
  for (const block of parts) {
    if (block.kind !== "fence") blocks.push(block);
    else if (isOwnFence(block.info)) {
      const yaml = parseYaml(block.content, block.line, issues);
      yield;
      if (!yaml) continue;
      const line = block.line - 1;
      if (block.info === "exhibit") {
        const exhibit = readExhibit(yaml, line, context(yaml));
        if (exhibit) blocks.push(exhibit);
        if (exhibit) exhibits.push({ block: exhibit, line });
      } else if (block.info === "formula") {
        const formula = yield* readFormula(yaml, line, context(yaml));
        if (formula) blocks.push(formula);
      } else {
        const check = readCheck(yaml, line, context(yaml));
        if (check) blocks.push(check);
        if (check) checks.push({ block: check, line });
      }
      yield;
    } else blocks.push(codeOf(block));
  }

  const { base, language } = courseFileName(file);
  const words = countWords(blocks);
  const most = language === undefined ? MOST_WORDS : MOST_TRANSLATED_WORDS;
  if (words > most) {
    issues.push({
      line: end + 2,
      message: t("The prose has {0} words; a lesson has at most {1}.", words, most),
    });
  }
  if (!found || issues.length > 0) return undefined;
  const stem = base.replace(/^.*[/\\]/, "").replace(/\.md$/, "");
  if (stem !== found.id) {
    issues.push({
      line: 2,
      message: t(`The lesson's id "{0}" must be the file's name, which is "{1}".`, found.id, stem),
    });
  }
  checkReferences(exhibits, checks, issues);
  checkAnchors(found.anchors, JSON.stringify(blocks), issues);
  checkNeeds(found, exhibits, checks, end, issues);
  if (checks.length === 0) issues.push({ line: end + 2, message: t("A lesson has at least one check.") });
  return { ...found, blocks };
}

function codeOf(fence: Fence): ProseBlock {
  return { kind: "code", text: fence.content };
}

function readBlock<T>(schema: Schema<T>, yaml: YamlBlock, line: number, context: ReadContext): T | undefined {
  if (yaml.node) return schema.read(yaml.node, "", context);
  context.issues.push({ line, message: t("The block is empty.") });
  return undefined;
}

function readExhibit(yaml: YamlBlock, line: number, context: ReadContext): ExhibitBlock | undefined {
  const name = peek(yaml.node, "type");
  const type = EXHIBIT_TYPES.find((known) => known === name);
  if (!type) {
    context.issues.push({
      line,
      message:
        name === undefined
          ? t('The exhibit has no "type". Known: {0}.', EXHIBIT_TYPES.join(", "))
          : t('Unknown exhibit "{0}". Known: {1}.', name, EXHIBIT_TYPES.join(", ")),
    });
    return undefined;
  }
  const place = { id: identifier, type: text(40), "covered-by": optional(identifier) };
  const parameters: Record<string, Schema<unknown>> = EXHIBIT_PARAMETERS[type];
  const found = shape({ ...parameters, ...place }).read(yaml.node!, "", context);
  if (!found) return undefined;
  const { id, "covered-by": coveredBy, ...rest } = found;
  const config = { ...rest, type } as ExhibitConfig;
  checkParameters(config, line, context.issues);
  return { kind: "exhibit", id, coveredBy, config };
}

function readCheck(yaml: YamlBlock, line: number, context: ReadContext): CheckBlock | undefined {
  const name = peek(yaml.node, "type");
  const type = CHECK_TYPES.find((known) => known === name);
  if (!type) {
    context.issues.push({
      line,
      message:
        name === undefined
          ? t('The check has no "type". Known: {0}.', CHECK_TYPES.join(", "))
          : t('Unknown check "{0}". Known: {1}.', name, CHECK_TYPES.join(", ")),
    });
    return undefined;
  }
  const block = (found: Omit<CheckBlock, "kind" | "config">, config: CheckConfig): CheckBlock => {
    const { id, question, hints, because } = found;
    return { kind: "check", id, question, hints, because, config };
  };
  switch (type) {
    case "choose": {
      const found = choose.read(yaml.node!, "", context);
      const options = found && chooseOptions(found, line, context.issues);
      return options && block(found, { type, options, facts: found.facts });
    }
    case "until": {
      const found = until.read(yaml.node!, "", context);
      if (!found) return undefined;
      const { exhibit, conditions, submit } = found;
      return block(found, { type, exhibit, conditions, submit });
    }
    case "guess": {
      const found = guess.read(yaml.node!, "", context);
      if (!found) return undefined;
      const { exhibit, about, within } = found;
      return block(found, { type, exhibit, about, within });
    }
    case "estimate": {
      const found = estimate.read(yaml.node!, "", context);
      const of = found && estimateOf(found, line, context.issues);
      if (!of) return undefined;
      const { unit, within, when } = found;
      if (of.kind === "fact" && when.length > 0) {
        context.issues.push({ line, message: t('"when" goes with the reading of an exhibit.') });
      }
      return block(found, { type, of, unit, within, when });
    }
    case "order": {
      const found = order.read(yaml.node!, "", context);
      return found && block(found, { type, items: found.items });
    }
    case "explain": {
      const found = explain.read(yaml.node!, "", context);
      if (!found) return undefined;
      const { points, need } = found;
      if (need > points.length) {
        context.issues.push({
          line,
          message: t('"need" is {0}, but there are {1} points.', need, points.length),
        });
      }
      return block(found, { type, points, need });
    }
    case "prompt": {
      const found = prompt.read(yaml.node!, "", context);
      if (!found) return undefined;
      const { start, form, runs, need, temperature, must, avoid } = found;
      if (need > runs) {
        context.issues.push({ line, message: t('"need" is {0}, but there are {1} runs.', need, runs) });
      }
      const [maxTokens, stopTexts] = [found["max-tokens"], found["stop-texts"]];
      const times = { runs, need, temperature, maxTokens, stopTexts };
      return block(found, { type, start, form, ...times, must, avoid });
    }
  }
}

/** The number that is guessed: a fact, or what an exhibit reads. */
function estimateOf(
  { fact: measured, exhibit, reading }: Infer<typeof estimate>,
  line: number,
  issues: Issue[],
): EstimateOf | undefined {
  if (measured && exhibit === undefined && reading === undefined) return { kind: "fact", fact: measured };
  if (!measured && exhibit !== undefined && reading !== undefined)
    return { kind: "reading", exhibit, reading };
  issues.push({ line, message: t('An estimate has either a "fact", or an "exhibit" and its "reading".') });
  return undefined;
}

/** Sets a formula, whose every symbol must be explained; hands control back after each piece of TeX. */
function* readFormula(
  yaml: YamlBlock,
  line: number,
  context: ReadContext,
): Generator<void, ProseBlock | undefined, void> {
  const found = readBlock(formula, yaml, line, context);
  if (!found) return undefined;
  const fault = (message: string) => context.issues.push({ line, message });
  try {
    const set = setFormula(found.tex, true);
    yield;
    const symbols: FormulaSymbol[] = [];
    for (const { tex, also, means } of found.symbols) {
      symbols.push({ forms: [tex, ...also].map((form) => setFormula(form, false)), means });
      yield;
    }
    const { math, unexplained, unused } = explainFormula(set, symbols);
    for (const sign of unexplained)
      fault(t('The formula has "{0}", which none of its symbols explains.', sign));
    for (const at of unused)
      fault(t('The symbol "{0}" does not occur in the formula.', found.symbols[at]?.tex ?? ""));
    return { kind: "formula", math, symbols };
  } catch (error) {
    fault(t("The formula cannot be set: {0}", error instanceof Error ? error.message.trim() : String(error)));
    return undefined;
  }
}

/** Either one option is stated to be right, or every option says which measured values would make it right. */
function chooseOptions(
  { facts, options }: Infer<typeof choose>,
  line: number,
  issues: Issue[],
): ChooseOption[] | undefined {
  const read: ChooseOption[] = [];
  for (const { text: label, why, right, values } of options) {
    if (facts.length === 0 && values === undefined) {
      read.push({ text: label, why, answer: { right: right === true } });
    } else if (facts.length > 0 && right === undefined && values?.length === facts.length) {
      read.push({ text: label, why, answer: { values } });
    }
  }
  if (read.length < options.length) {
    const message =
      facts.length === 0
        ? t('A check without "facts" states its answer by "right: true"; "values" belongs to facts.')
        : t(
            'A check with {0} facts measures its answer: each option has "values", a list of {0}, and no "right".',
            facts.length,
          );
    issues.push({ line, message });
    return undefined;
  }
  const rightOnes = options.filter((option) => option.right === true).length;
  if (facts.length === 0 && rightOnes !== 1) {
    issues.push({ line, message: t('Exactly one option must be "right: true", found {0}.', rightOnes) });
    return undefined;
  }
  return read;
}
