/** What each part of a prompt takes of it, in tokens. */

import type { ContextUse } from "../../shared/panels/explain.js";
import type { RenderedPrompt } from "../../shared/workerProtocol.js";
import { withoutJoints } from "./prompts.js";

/** A text that was put into a prompt, and what it is. */
export interface PromptSection {
  kind: Exclude<ContextUse["parts"][number]["kind"], "instructions">;
  text: string;
}

/**
 * Counts the tokens that begin in each section; all others are instructions: the template, the system's message and
 * the examples.
 * @param sections in the order of the prompt.
 */
export function sectionUse(prompt: RenderedPrompt, sections: readonly PromptSection[]): ContextUse["parts"] {
  const { plain, at } = withoutJoints(prompt);
  // The sections stand at the end: the examples before them may say the same.
  const places: { kind: PromptSection["kind"]; start: number; end: number }[] = [];
  let end = plain.length;
  for (const { kind, text } of [...sections].reverse()) {
    const wanted = text.trim();
    const start = wanted === "" ? -1 : plain.lastIndexOf(wanted, end - wanted.length);
    if (start < 0) continue;
    places.unshift({ kind, start: at(start), end: at(start + wanted.length) });
    end = start;
  }
  const counts = new Map<ContextUse["parts"][number]["kind"], number>([["instructions", 0]]);
  for (const token of prompt.tokens) {
    const place = places.find(({ start, end: placeEnd }) => start <= token.start && token.start < placeEnd);
    const kind = place?.kind ?? "instructions";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const order = ["instructions", "facts", "code", "conversation", "question"] as const;
  return order.flatMap((kind) => {
    const tokens = counts.get(kind) ?? 0;
    return tokens > 0 ? [{ kind, tokens }] : [];
  });
}
