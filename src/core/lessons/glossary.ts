/** The glossary of the course: every term explained once, for the hovers of all lessons. */

import type { GlossaryTerm, Inline, LessonBlock } from "../../shared/panels/lesson.js";
import { parseInline } from "./markdown.js";
import { type Issue, identifier, list, markdownLine, optional, parseYaml, shape, text } from "./schema.js";

const glossary = list(
  shape({ id: identifier, name: text(60), means: markdownLine, lesson: optional(identifier) }),
  1,
  300,
);

/** Entries that are parsed in one go. */
const ENTRIES_A_STEP = 4;

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
  const terms: GlossaryTerm[] = [];
  const lines = source.split(/\r\n|\n|\r/);
  // Each entry begins with its dash at the margin; what stands before the first goes with it.
  const starts = lines.flatMap((line, at) => (line.startsWith("- ") ? [at] : []));
  for (let entry = 0; entry < Math.max(1, starts.length); entry += ENTRIES_A_STEP) {
    const from = entry === 0 ? 0 : (starts[entry] ?? 0);
    const text = lines.slice(from, starts[entry + ENTRIES_A_STEP]).join("\n");
    const yaml = parseYaml(text, from + 1, issues);
    const found = yaml?.node
      ? glossary.read(yaml.node, "terms", {
          issues,
          lineOf: yaml.lineOf,
          inline: (line, at) => parseInline(line, at, { issues, terms: undefined }),
        })
      : undefined;
    terms.push(...(found ?? []));
    yield;
  }
  const seen = new Set<string>();
  for (const { id } of terms) {
    if (seen.has(id)) issues.push({ line: 1, message: `The term "${id}" is explained twice.` });
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
