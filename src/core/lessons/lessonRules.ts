/** What the parts of a lesson must be to one another: the fields of an exhibit, what refers to what, what needs a model. */

import { t } from "../../shared/l10n.js";
import type {
  CheckBlock,
  CheckConfig,
  CodeAnchor,
  Condition,
  ExhibitBlock,
  ExhibitConfig,
} from "../../shared/panels/lesson.js";
import { exhibitOf, guessesOf, needsModel, promptsOf, readingOf, readingsOf } from "./exhibits.js";
import { formulaName, namesOf, parseExpression } from "./expression.js";
import type { head } from "./lessonSchemas.js";
import type { Infer, Issue } from "./schema.js";

export interface ReadCheck {
  block: CheckBlock;
  line: number;
}

export interface ReadExhibit {
  block: ExhibitBlock;
  line: number;
}

/** What the fields of an exhibit must be to one another. */
export function checkParameters(config: ExhibitConfig, line: number, issues: Issue[]): void {
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

/** Names are unique, and what a block refers to is there and can do what is asked of it. */
export function checkReferences(exhibits: ReadExhibit[], checks: ReadCheck[], issues: Issue[]): void {
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
    checkWords(conditionsOf(config), exhibit.config, line, issues);
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

/** Words are asked for in a text that the exhibit has. */
function checkWords(
  conditions: readonly Condition[],
  exhibit: ExhibitConfig,
  line: number,
  issues: Issue[],
): void {
  const prompts = promptsOf(exhibit);
  for (const condition of conditions) {
    if (!("words" in condition) || prompts.includes(condition.prompt ?? "")) continue;
    const known = prompts.filter((name) => name !== "").join(", ");
    issues.push({
      line,
      message: known
        ? t('Words are asked for in one of the prompts of the exhibit "{0}": {1}.', exhibit.type, known)
        : prompts.length > 0
          ? t('The exhibit "{0}" has one text; words need no prompt there.', exhibit.type)
          : t('The exhibit "{0}" has no text whose words can be asked for.', exhibit.type),
    });
  }
}

/** Each anchor is there once and is pointed at, and nothing points at one that is not there. */
export function checkAnchors(anchors: readonly CodeAnchor[], blocks: string, issues: Issue[]): void {
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

function conditionsOf(config: CheckConfig): readonly Condition[] {
  if (config.type === "until") return config.conditions;
  return config.type === "estimate" ? config.when : [];
}

function readingsAsked(config: CheckConfig): string[] {
  const asked = conditionsOf(config).flatMap((condition) =>
    "words" in condition ? [] : [condition.reading],
  );
  return config.type === "estimate" && config.of.kind === "reading" ? [config.of.reading, ...asked] : asked;
}

export function checkNeeds(
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
