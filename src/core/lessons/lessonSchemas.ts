/** What the front matter and the blocks of a lesson may hold: the fields of each exhibit, each check and each formula. */

import { t } from "../../shared/l10n.js";
import {
  type AnswerRule,
  type CalculatorInput,
  type CalculatorOutput,
  type CheckType,
  type Comparison,
  type Condition,
  type Contestant,
  type ExhibitConfig,
  type ExhibitType,
  type Fact,
  INPUT_SOURCES,
  LESSON_TOOLS,
  type LinkTarget,
  type NumberFormat,
  PAGE_LANGUAGES,
  type TopicLink,
} from "../../shared/panels/lesson.js";
import { DEFAULT_ENCODING, ENCODING_NAMES } from "../tokens/encodings.js";
import { MEANINGS } from "../tokens/sameMeaning.js";
import { linkTarget } from "./markdown.js";
import {
  dictionary,
  finiteNumber,
  flag,
  identifier,
  integer,
  list,
  markdownLine,
  oneOf,
  optional,
  peek,
  type Schema,
  shape,
  text,
  withDefault,
} from "./schema.js";

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

export const head = shape({
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
  reading: optional(identifier),
  "at-least": optional(finiteNumber),
  "at-most": optional(finiteNumber),
  over: optional(finiteNumber),
  under: optional(finiteNumber),
  words: optional(list(text(40), 1, 40)),
  prompt: optional(identifier),
});

const condition: Schema<Condition> = {
  expects: t("a reading with at-least, at-most, over or under, or words"),
  read(node, at, context) {
    const found = conditionShape.read(node, at, context);
    if (!found) return undefined;
    const { reading, words, prompt } = found;
    const [is, ...others] = COMPARISONS.filter((name) => found[name] !== undefined);
    const value = is && found[is];
    const fault = (message: string) => {
      context.issues.push({ line: context.lineOf(node), message });
      return undefined;
    };
    if (words) {
      return reading === undefined && is === undefined
        ? { words, prompt }
        : fault(t('"{0}" has words, and therefore no reading.', at));
    }
    if (is === undefined || value === undefined || others.length > 0) {
      return fault(t('"{0}" must have exactly one of {1}.', at, [...COMPARISONS, "words"].join(", ")));
    }
    if (reading === undefined) {
      return fault(t('The field "{0}" is missing: {1}.', `${at}, reading`, identifier.expects));
    }
    return prompt === undefined
      ? { reading, is, value }
      : fault(t('"{0}" has a prompt, which goes with words only.', at));
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

export const choose = shape({
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

export const until = shape({
  ...common,
  exhibit: identifier,
  conditions: list(condition, 1, 6),
  submit: withDefault(flag, false),
});

export const guess = shape({
  ...common,
  exhibit: identifier,
  about: identifier,
  within: withDefault(integer(1, 100), 1),
});

export const estimate = shape({
  ...common,
  fact: optional(fact),
  exhibit: optional(identifier),
  reading: optional(identifier),
  unit: withDefault(text(40), ""),
  within: finiteNumber,
  when: withDefault(list(condition, 1, 6), []),
});

export const order = shape({
  ...common,
  items: list(shape({ text: markdownLine, why: markdownLine }), 3, 8),
});

export const explain = shape({
  ...common,
  points: list(shape({ text: markdownLine, words: list(text(60), 1, 30) }), 2, 6),
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

export const prompt = shape({
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
export const EXHIBIT_PARAMETERS: {
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
export const EXHIBIT_TYPES = Object.keys(EXHIBIT_PARAMETERS) as ExhibitType[];

export const CHECK_TYPES = [
  "choose",
  "until",
  "guess",
  "estimate",
  "order",
  "explain",
  "prompt",
] as const satisfies readonly CheckType[];

export const formula = shape({
  tex: text(500),
  symbols: list(
    shape({ tex: text(100), also: withDefault(list(text(100), 1, 6), []), means: markdownLine }),
    1,
    16,
  ),
});
