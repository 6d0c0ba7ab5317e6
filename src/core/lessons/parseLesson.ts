/** A lesson file -> a lesson, or every fault in it with its file and line. The only way into a lesson. */

import { firstCharacters } from "../../shared/cutText.js";
import { t } from "../../shared/l10n.js";
import {
  type AnswerRule,
  type CalculatorInput,
  type CalculatorOutput,
  type CheckBlock,
  type CheckConfig,
  type CheckType,
  type ChooseOption,
  type CodeAnchor,
  type Comparison,
  type Condition,
  type Contestant,
  type EstimateOf,
  type ExhibitBlock,
  type ExhibitConfig,
  type ExhibitType,
  type Fact,
  type FormulaSymbol,
  INPUT_SOURCES,
  type Inline,
  LESSON_TOOLS,
  type Lesson,
  type LessonBlock,
  type LinkTarget,
  type NumberFormat,
  PAGE_LANGUAGES,
  type ProseBlock,
  type TopicLink,
} from "../../shared/panels/lesson.js";
import { DEFAULT_ENCODING, ENCODING_NAMES } from "../tokens/encodings.js";
import { MEANINGS } from "../tokens/sameMeaning.js";
import { exhibitOf, guessesOf, needsModel, readingOf, readingsOf } from "./exhibits.js";
import { formulaName, namesOf, parseExpression } from "./expression.js";
import { explainFormula, setFormula } from "./formula.js";
import { courseFileName } from "./languages.js";
import {
  type Fence,
  isOwnFence,
  linkTarget,
  type MarkdownContext,
  parseBlocks,
  parseInline,
} from "./markdown.js";
import { plainText } from "./plainText.js";
import {
  dictionary,
  finiteNumber,
  flag,
  type Infer,
  type Issue,
  identifier,
  integer,
  list,
  markdownLine,
  oneOf,
  optional,
  parseYaml,
  peek,
  type ReadContext,
  type Schema,
  shape,
  text,
  withDefault,
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

/** A path that leads nowhere but into a folder of the workspace. */
const filePath: Schema<string> = {
  expects: t("a path such as src/sum.ts, without .. in it"),
  read(node, at, context) {
    const path = text(200).read(node, at, context);
    if (path === undefined || !/^[/\\]|^[a-z]:|\\|(?:^|\/)\.{1,2}(?:\/|$)/i.test(path)) return path;
    context.issues.push({
      line: context.lineOf(node),
      message: t('"{0}" must be {1}.', at, filePath.expects),
    });
    return undefined;
  },
};

const anchor = shape({ id: identifier, file: filePath, text: text(2000) });

const head = shape({
  id: identifier,
  title: text(80),
  chapter: integer(1, 99),
  order: integer(1, 99),
  minutes: integer(1, 60),
  summary: text(200),
  needs: oneOf(["none", "model", "chat"]),
  sources: withDefault(list(markdownLine, 1, 20), []),
  anchors: withDefault(list(anchor, 1, 12), []),
});

const COMPARISONS = ["at-least", "at-most", "over", "under"] as const satisfies readonly Comparison[];

const conditionShape = shape({
  reading: identifier,
  "at-least": optional(finiteNumber),
  "at-most": optional(finiteNumber),
  over: optional(finiteNumber),
  under: optional(finiteNumber),
});

const condition: Schema<Condition> = {
  expects: t("a reading with at-least, at-most, over or under"),
  read(node, at, context) {
    const found = conditionShape.read(node, at, context);
    if (!found) return undefined;
    const given = COMPARISONS.filter((name) => found[name] !== undefined);
    const is = given[0];
    const value = is && found[is];
    if (is === undefined || value === undefined || given.length > 1) {
      context.issues.push({
        line: context.lineOf(node),
        message: t('"{0}" must have exactly one of {1}.', at, COMPARISONS.join(", ")),
      });
      return undefined;
    }
    return { reading: found.reading, is, value };
  },
};

const factShapes = {
  "token-count": shape({ fact: oneOf(["token-count"]), text: text(500), encoding: oneOf(ENCODING_NAMES) }),
  "token-id": shape({ fact: oneOf(["token-id"]), text: text(100), encoding: oneOf(ENCODING_NAMES) }),
  "byte-count": shape({ fact: oneOf(["byte-count"]), text: text(500) }),
  calculation: shape({ fact: oneOf(["calculation"]), expression: text(200) }),
} satisfies { [F in Fact["fact"]]: Schema<Extract<Fact, { fact: F }>> | Schema<Fact> };

const fact: Schema<Fact> = {
  expects: t("a fact: {0}", Object.keys(factShapes).join(", ")),
  read(node, at, context) {
    const name = peek(node, "fact");
    const known = (Object.keys(factShapes) as Fact["fact"][]).find((other) => other === name);
    if (known) return factShapes[known].read(node, at, context) as Fact | undefined;
    context.issues.push({
      line: context.lineOf(node),
      message: t('"{0}" must name one of the facts {1}.', at, Object.keys(factShapes).join(", ")),
    });
    return undefined;
  },
};

const common = {
  id: identifier,
  type: text(40),
  question: markdownLine,
  hints: withDefault(list(markdownLine, 1, 5), []),
  because: withDefault(markdownLine, []),
};

const choose = shape({
  ...common,
  facts: withDefault(list(fact, 1, 5), []),
  options: list(
    shape({
      text: markdownLine,
      why: markdownLine,
      right: optional(flag),
      values: optional(list(finiteNumber, 1, 5)),
    }),
    2,
    6,
  ),
});

const until = shape({
  ...common,
  exhibit: identifier,
  conditions: list(condition, 1, 6),
  submit: withDefault(flag, false),
});

const guess = shape({
  ...common,
  exhibit: identifier,
  about: identifier,
  within: withDefault(integer(1, 100), 1),
});

const estimate = shape({
  ...common,
  fact: optional(fact),
  exhibit: optional(identifier),
  reading: optional(identifier),
  unit: withDefault(text(40), ""),
  within: finiteNumber,
});

const order = shape({
  ...common,
  items: list(shape({ text: markdownLine, why: markdownLine }), 3, 8),
});

const explain = shape({
  ...common,
  points: list(shape({ text: markdownLine, words: list(text(60), 1, 12) }), 2, 6),
  need: integer(1, 6),
});

const answerRule: Schema<AnswerRule> = {
  expects: t("a rule: contains, lacks, matches, number, json, at-least-words, at-most-words or runs"),
  read(node, at, context) {
    const found = ruleShape.read(node, at, context);
    if (!found) return undefined;
    const { contains, lacks, matches, number, within, json, runs } = found;
    const [atLeast, atMost] = [found["at-least-words"], found["at-most-words"]];
    const rules: AnswerRule[] = [];
    if (contains) rules.push({ rule: "contains", texts: contains });
    if (lacks) rules.push({ rule: "lacks", texts: lacks });
    if (matches !== undefined) rules.push({ rule: "matches", pattern: matches });
    if (number !== undefined) rules.push({ rule: "number", value: number, within: within ?? 0 });
    if (json) rules.push({ rule: "json", fields: json });
    if (atLeast !== undefined) rules.push({ rule: "words", atLeast, atMost: undefined });
    if (atMost !== undefined) rules.push({ rule: "words", atLeast: undefined, atMost });
    if (runs) {
      const { function: functionName, language: languageId, cases } = runs;
      rules.push({ rule: "runs", functionName, languageId, cases });
    }
    const [only] = rules;
    if (only && rules.length === 1 && (within === undefined || number !== undefined)) return only;
    context.issues.push({
      line: context.lineOf(node),
      message: t(
        '"{0}" must have exactly one rule of {1}; "within" belongs to "number".',
        at,
        Object.keys(ruleFields).join(", "),
      ),
    });
    return undefined;
  },
};

/** A regular expression, without the slashes. */
const pattern: Schema<string> = {
  expects: t("a regular expression"),
  read(node, at, context) {
    const source = text(200).read(node, at, context);
    if (source === undefined) return undefined;
    try {
      new RegExp(source, "iu");
      return source;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      context.issues.push({ line: context.lineOf(node), message: `"${at}": ${why}.` });
      return undefined;
    }
  },
};

const ruleFields = {
  contains: optional(list(text(80), 1, 10)),
  lacks: optional(list(text(80), 1, 10)),
  matches: optional(pattern),
  number: optional(finiteNumber),
  within: optional(finiteNumber),
  json: optional(list(text(40), 0, 10)),
  "at-least-words": optional(integer(1, 400)),
  "at-most-words": optional(integer(1, 400)),
  runs: optional(
    shape({
      function: text(60),
      language: withDefault(oneOf(["javascript", "typescript", "python"]), "javascript"),
      cases: list(shape({ input: text(200), returns: text(200) }), 1, 8),
    }),
  ),
};
const ruleShape = shape(ruleFields);

const prompt = shape({
  ...common,
  start: text(2000),
  form: withDefault(oneOf(["text", "chat"]), "text"),
  runs: withDefault(integer(1, 10), 5),
  need: integer(1, 10),
  temperature: withDefault(finiteNumber, 0.8),
  "max-tokens": withDefault(integer(1, 300), 40),
  "stop-texts": withDefault(list(text(40), 1, 5), []),
  must: list(answerRule, 1, 6),
  avoid: withDefault(list(text(80), 1, 20), []),
});

const formats = [
  "count",
  "probability",
  "setting",
  "number",
  "bytes",
  "dollars",
] as const satisfies readonly NumberFormat[];

const calculatorInput: Schema<CalculatorInput> = shape({
  id: identifier,
  label: text(60),
  value: finiteNumber,
  min: finiteNumber,
  max: finiteNumber,
  step: withDefault(finiteNumber, 0),
  scale: withDefault(oneOf(["linear", "log"]), "linear"),
  format: withDefault(oneOf(formats), "number"),
  from: optional(oneOf(INPUT_SOURCES)),
});

const calculatorOutput: Schema<CalculatorOutput> = shape({
  id: identifier,
  label: text(80),
  formula: text(500),
  format: withDefault(oneOf(formats), "number"),
});

const contestant: Schema<Contestant> = shape({
  id: identifier,
  label: text(60),
  model: withDefault(oneOf(["loaded", "built-in"]), "loaded"),
  temperature: withDefault(finiteNumber, 0),
});

const webAddress: Schema<LinkTarget> = {
  expects: t("an address that begins with https://"),
  read(node, at, context) {
    const address = text(300).read(node, at, context);
    const target = address === undefined ? undefined : linkTarget(address);
    if (address === undefined || target?.kind === "web") return target;
    context.issues.push({
      line: context.lineOf(node),
      message: t('"{0}" must be {1}.', at, webAddress.expects),
    });
    return undefined;
  },
};

const topicLink: Schema<TopicLink> = {
  expects: t("a link with id, title, url and about"),
  read(node, at, context) {
    const found = topicLinkShape.read(node, at, context);
    if (!found) return undefined;
    const { url: target, ...rest } = found;
    return { ...rest, target };
  },
};

const topicLinkShape = shape({ id: identifier, title: text(80), url: webAddress, about: text(300) });

const turns = list(shape({ role: oneOf(["system", "user", "assistant"]), text: text(600) }), 1, 12);
const passages = list(shape({ id: identifier, text: text(900) }), 2, 20);

/** The parameters of each exhibit. Nearly all take the text they begin with, and whether they keep to it until something is selected. */
const source = { text: text(2000), own: withDefault(flag, false) };
const EXHIBIT_PARAMETERS: {
  [T in ExhibitType]: {
    [K in Exclude<keyof Extract<ExhibitConfig, { type: T }>, "type">]: Schema<
      Extract<ExhibitConfig, { type: T }>[K]
    >;
  };
} = {
  "token-strip": {
    ...source,
    encoding: withDefault(oneOf(["", ...ENCODING_NAMES]), ""),
    replay: withDefault(flag, true),
  },
  "next-token": source,
  "attention-map": source,
  languages: {
    meaning: withDefault(oneOf(MEANINGS.map(({ id }) => id)), MEANINGS[0]?.id ?? ""),
    encodings: withDefault(list(oneOf(ENCODING_NAMES), 1, ENCODING_NAMES.length), [DEFAULT_ENCODING]),
  },
  tokenizers: {
    ...source,
    encodings: withDefault(list(oneOf(ENCODING_NAMES), 1, ENCODING_NAMES.length), [DEFAULT_ENCODING]),
  },
  calculator: {
    ...source,
    text: withDefault(text(2000), ""),
    inputs: list(calculatorInput, 1, 12),
    outputs: list(calculatorOutput, 1, 16),
    alike: withDefault(flag, false),
    curve: optional(shape({ along: identifier, outputs: list(identifier, 1, 4) })),
  },
  odds: {
    prompts: list(
      shape({
        id: identifier,
        label: text(60),
        text: text(2000),
        answers: optional(list(text(60), 1, 4)),
      }),
      1,
      8,
    ),
    answers: withDefault(list(text(60), 1, 4), []),
  },
  dialog: { turns, window: integer(8, 100_000), encoding: withDefault(oneOf(["", ...ENCODING_NAMES]), "") },
  tool: {
    ...source,
    tool: oneOf(LESSON_TOOLS),
    fixed: withDefault(dictionary, {}),
  },
  gradient: {
    formula: text(200),
    start: list(shape({ id: identifier, value: finiteNumber }), 1, 4),
    rate: finiteNumber,
  },
  "chat-template": {
    ...source,
    system: withDefault(text(600), ""),
    reply: withDefault(text(600), ""),
  },
  retrieval: { ...source, passages, most: withDefault(integer(1, 5), 3) },
  injection: source,
  "word-filter": {
    ...source,
    words: list(text(40), 1, 20),
    encoding: withDefault(oneOf(ENCODING_NAMES), DEFAULT_ENCODING),
  },
  "toy-judge": {
    ...source,
    words: list(text(40), 1, 20),
    perWord: finiteNumber,
    perToken: withDefault(finiteNumber, 0),
  },
  patches: { size: integer(56, 1024), patch: integer(4, 64) },
  explanation: { ...source, language: withDefault(text(30), "typescript") },
  "context-bar": { ...source, language: withDefault(text(30), "typescript") },
  "blind-pairs": {
    prompts: list(text(300), 1, 12),
    contestants: list(contestant, 2, 4),
    maxTokens: withDefault(integer(1, 120), 30),
  },
  evaluation: {
    cases: list(shape({ prompt: text(500), expect: text(80) }), 1, 12),
    maxTokens: withDefault(integer(1, 120), 12),
  },
  "sort-claims": {
    bins: list(shape({ id: identifier, label: text(40) }), 2, 4),
    claims: list(
      shape({ id: identifier, text: markdownLine, bin: identifier, evidence: markdownLine }),
      3,
      12,
    ),
  },
  links: {
    ...source,
    topics: list(shape({ title: text(60), links: list(topicLink, 1, 12) }), 1, 12),
  },
  layers: source,
  embeddings: source,
  surprise: source,
  "cache-timing": source,
  training: { steps: integer(20, 5000) },
  poisoning: {
    trigger: text(60),
    payload: text(60),
    copies: integer(0, 60),
    steps: integer(20, 5000),
  },
  distillation: { teacherSteps: integer(20, 5000), steps: integer(20, 5000), prefix: text(100) },
  pipeline: {
    ...source,
    blocked: list(text(40), 0, 20),
    language: oneOf(PAGE_LANGUAGES),
    fewestWords: integer(0, 200),
    similarity: finiteNumber,
  },
  attempts: {
    tasks: list(
      shape({ id: identifier, label: text(60), instruction: text(300), header: text(60), cases: text(300) }),
      1,
      8,
    ),
    temperature: finiteNumber,
  },
  "toy-game": {
    stones: integer(8, 40),
    most: integer(2, 5),
    skill: finiteNumber,
    depth: integer(0, 16),
  },
  thinking: { terms: integer(2, 6), votes: integer(1, 5) },
  constitution: { ...source, rules: list(text(200), 1, 6) },
  "model-file": {},
  positions: source,
  rotation: source,
  experts: { ...source, count: withDefault(integer(2, 16), 8), used: withDefault(integer(1, 16), 2) },
  schools: source,
  reinforce: source,
  thoughts: { ...source, target: integer(1, 100) },
  "two-tasks": source,
  sums: { terms: withDefault(integer(2, 6), 3) },
  machine: source,
};
const EXHIBIT_TYPES = Object.keys(EXHIBIT_PARAMETERS) as ExhibitType[];

const CHECK_TYPES = [
  "choose",
  "until",
  "guess",
  "estimate",
  "order",
  "explain",
  "prompt",
] as const satisfies readonly CheckType[];

interface ReadCheck {
  block: CheckBlock;
  line: number;
}

interface ReadExhibit {
  block: ExhibitBlock;
  line: number;
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
      return of && block(found, { type, of, unit: found.unit, within: found.within });
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

const formula = shape({
  tex: text(500),
  symbols: list(
    shape({ tex: text(100), also: withDefault(list(text(100), 1, 6), []), means: markdownLine }),
    1,
    16,
  ),
});

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

/** What the fields of an exhibit must be to one another. */
function checkParameters(config: ExhibitConfig, line: number, issues: Issue[]): void {
  const fault = (message: string) => issues.push({ line, message });
  const reads = (source: string, known: ReadonlySet<string>, of?: string) => {
    try {
      const unknownName = namesOf(parseExpression(source)).find((name) => !known.has(name));
      if (unknownName === undefined) return;
      fault(
        of === undefined
          ? t('The formula uses "{0}", which is not above it.', unknownName)
          : t('The formula of "{0}" uses "{1}", which is not above it.', of, unknownName),
      );
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      fault(of === undefined ? t("The formula: {0}", why) : t('The formula of "{0}": {1}', of, why));
    }
  };
  const known = new Set<string>();
  const add = (id: string) => {
    // In formulas a hyphen is a minus.
    const name = formulaName(id);
    if (known.has(name)) fault(t('The name "{0}" is used twice.', id));
    known.add(name);
  };
  switch (config.type) {
    case "calculator": {
      for (const input of config.inputs) {
        const { id, value, min, max, scale } = input;
        add(id);
        if (!(min < max && value >= min && value <= max))
          fault(t('"{0}" must begin between its min and its max.', id));
        if (scale === "log" && min <= 0) fault(t('"{0}" has a log scale: its min must be above 0.', id));
      }
      for (const { id, formula: source } of config.outputs) {
        reads(source, known, id);
        add(id);
      }
      const { curve } = config;
      if (curve && !config.inputs.some(({ id }) => id === curve.along)) fault(t('"along" names no input.'));
      for (const id of curve?.outputs ?? []) {
        if (!config.outputs.some((output) => output.id === id))
          fault(t('The curve names no output "{0}".', id));
      }
      return;
    }
    case "gradient":
      for (const { id } of config.start) add(id);
      reads(config.formula, known);
      return;
    case "odds":
      for (const { id, answers } of config.prompts) {
        add(id);
        if ((answers ?? config.answers).length === 0) fault(t('The prompt "{0}" has no answers.', id));
      }
      return;
    case "retrieval":
      for (const { id } of config.passages) add(id);
      return;
    case "blind-pairs":
      for (const { id } of config.contestants) add(id);
      return;
    case "links":
      for (const { id } of config.topics.flatMap(({ links }) => links)) add(id);
      return;
    case "sort-claims":
      for (const { id, bin } of config.claims) {
        add(id);
        if (!config.bins.some((other) => other.id === bin)) fault(t('There is no bin "{0}".', bin));
      }
      return;
    default:
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

/** Names are unique, and what a block refers to is there and can do what is asked of it. */
function checkReferences(exhibits: ReadExhibit[], checks: ReadCheck[], issues: Issue[]): void {
  const seen = new Set<string>();
  for (const { block, line } of [...exhibits, ...checks].toSorted((a, b) => a.line - b.line)) {
    if (seen.has(block.id)) issues.push({ line, message: t('The id "{0}" is used twice.', block.id) });
    seen.add(block.id);
  }
  for (const { block, line } of exhibits) {
    const { coveredBy } = block;
    if (coveredBy !== undefined && !checks.some((check) => check.block.id === coveredBy)) {
      issues.push({ line, message: t('"covered-by" names the check "{0}", which is not here.', coveredBy) });
    }
  }
  for (const { block, line } of checks) {
    const { config } = block;
    const about = exhibitOf(config);
    if (about === undefined) continue;
    const exhibit = exhibits.find((candidate) => candidate.block.id === about)?.block;
    if (!exhibit) {
      issues.push({
        line,
        message: t('The check is about the exhibit "{0}", which is not here.', about),
      });
      continue;
    }
    const { type } = exhibit.config;
    if (config.type === "guess") {
      const known = guessesOf(type);
      if (known.includes(config.about)) continue;
      const message =
        known.length > 0
          ? t(
              'The exhibit "{0}" cannot be asked for "{1}". Known: {2}.',
              type,
              config.about,
              known.join(", "),
            )
          : t('The exhibit "{0}" cannot be asked for "{1}". It has nothing to guess.', type, config.about);
      issues.push({ line, message });
      continue;
    }
    for (const reading of readingsAsked(config)) {
      if (readingOf(exhibit.config, reading)) continue;
      const known = Object.keys(readingsOf(exhibit.config)).join(", ");
      issues.push({
        line,
        message: t('The exhibit "{0}" has no reading "{1}". Known: {2}.', type, reading, known),
      });
    }
  }
}

/** Each anchor is there once and is pointed at, and nothing points at one that is not there. */
function checkAnchors(anchors: readonly CodeAnchor[], blocks: string, issues: Issue[]): void {
  const ids = anchors.map(({ id }) => id);
  const linked = new Set([...blocks.matchAll(/"kind":"code","id":"([^"]+)"/g)].map(([, id = ""]) => id));
  const fault = (message: string) => issues.push({ line: 2, message });
  for (const [at, id] of ids.entries()) {
    if (ids.indexOf(id) < at) fault(t('The anchor "{0}" is there twice.', id));
    if (!linked.has(id)) fault(t('Nothing links to the anchor "{0}": write [words](code:{0}).', id));
  }
  for (const id of linked)
    if (!ids.includes(id)) fault(t('A link leads to the anchor "{0}", which is not there.', id));
}

function readingsAsked(config: CheckConfig): string[] {
  if (config.type === "until") return config.conditions.map(({ reading }) => reading);
  return config.type === "estimate" && config.of.kind === "reading" ? [config.of.reading] : [];
}

function checkNeeds(
  found: Infer<typeof head>,
  exhibits: ReadExhibit[],
  checks: ReadCheck[],
  end: number,
  issues: Issue[],
): void {
  const asking = checks.find(({ block }) => block.config.type === "prompt");
  if (asking && found.needs === "none") {
    issues.push({
      line: asking.line,
      message: t('A check of type "prompt" needs a model, but the front matter says "needs: none".'),
    });
  }
  const needing = exhibits.find(({ block }) => needsModel(block.config.type));
  if (needing && found.needs === "none") {
    issues.push({
      line: needing.line,
      message: t(
        'The exhibit "{0}" needs a model, but the front matter says "needs: none".',
        needing.block.config.type,
      ),
    });
  }
  if (exhibits.length === 0) issues.push({ line: end + 2, message: t("A lesson has at least one exhibit.") });
}
