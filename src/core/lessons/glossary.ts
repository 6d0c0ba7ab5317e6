/** The glossary of the course: every term explained once, for the hovers of all lessons. */

import { t } from "../../shared/l10n.js";
import type { GlossaryTerm, Inline, LessonBlock } from "../../shared/panels/lesson.js";
import { parseInline } from "./markdown.js";
import {
  entriesInSteps,
  type Issue,
  identifier,
  list,
  markdownLine,
  optional,
  shape,
  text,
} from "./schema.js";

const glossary = list(
  shape({ id: identifier, name: text(60), means: markdownLine, lesson: optional(identifier) }),
  1,
  300,
);

/** Reads `glossary.yaml`; faults are reported with their line. */
export function parseGlossary(source: string, issues: Issue[]): GlossaryTerm[] {
  const steps = glossaryInSteps(source, issues);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As `parseGlossary`, handing control back after every few entries. */
export function* glossaryInSteps(source: string, issues: Issue[]): Generator<void, GlossaryTerm[], void> {
  const inline = (line: string, at: number) => parseInline(line, at, { issues, terms: undefined });
  const terms = yield* entriesInSteps(source, glossary, "terms", issues, inline);
  const seen = new Set<string>();
  for (const { id } of terms) {
    if (seen.has(id)) issues.push({ line: 1, message: t('The term "{0}" is explained twice.', id) });
    seen.add(id);
  }
  return terms;
}

/** The ids of the terms that a lesson uses, each once, in the order of their first use. */
export function termsUsed(blocks: readonly LessonBlock[]): string[] {
  const used = new Set<string>();
  const walk = (part: unknown) => {
    if (typeof part !== "object" || part === null) return;
    const { kind, id } = part as Partial<Extract<Inline, { kind: "term" }>>;
    if (kind === "term" && id !== undefined) used.add(id);
    for (const child of Object.values(part)) walk(child);
  };
  walk(blocks);
  return [...used];
}
