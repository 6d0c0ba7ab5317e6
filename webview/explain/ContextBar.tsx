/** What the last prompt took of the model's context, what is kept for the answer, and what was left out. */

import { formatCount } from "../../src/shared/formatCount.js";
import type { ContextUse, DroppedPart } from "../../src/shared/panels/explain.js";
import { Figure } from "../ui/Figure.js";
import { plural } from "../ui/format.js";

interface Segment {
  name: string;
  tokens: number;
  className: string;
}

/** @param estimated a server is asked, whose tokens nobody counts here. */
export function ContextBar({ context, estimated }: { context: ContextUse; estimated: boolean }) {
  const { size, dropped } = context;
  const segments = segmentsOf(context);
  return (
    <section class="gb-context">
      <h2>Context</h2>
      <Figure
        caption={captionOf(context) + (estimated ? ESTIMATED : "")}
        table={{
          columns: ["Part", "Tokens", "Share of the context"],
          rows: () => segments.map(({ name, tokens }) => [name, formatCount(tokens), share(tokens, size)]),
        }}
      >
        <div class="gb-context-bar" aria-hidden="true">
          {segments.map(({ name, tokens, className }) => (
            <span
              key={name}
              class={className}
              style={{ flexGrow: tokens }}
              title={`${name}: ${plural(tokens, "token")}`}
            />
          ))}
        </div>
        <ul class="gb-context-legend">
          {segments.map(({ name, tokens, className }) => (
            <li key={name}>
              <span class={`gb-context-key ${className}`} aria-hidden="true" />
              {name} <span class="gb-dim">{formatCount(tokens)}</span>
            </li>
          ))}
        </ul>
      </Figure>
      {dropped.length > 0 && (
        <>
          <p>Left out for want of room:</p>
          <ul class="gb-dropped">
            {dropped.map(({ kind, label }) => (
              <li key={`${kind} ${label}`}>
                <span class="gb-dim">{DROPPED[kind]}</span> {label}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const DROPPED: Record<DroppedPart["kind"], string> = {
  "follow-up": "earlier question",
  code: "code",
  fact: "fact",
};

const CLASSES: Record<ContextUse["parts"][number]["kind"], string> = {
  instructions: "gb-context-1",
  facts: "gb-context-2",
  code: "gb-context-3",
  conversation: "gb-context-4",
  question: "gb-context-5",
};

function segmentsOf({ size, used, reserved, parts }: ContextUse): Segment[] {
  const named = parts
    .filter(({ tokens }) => tokens > 0)
    .map(({ kind, tokens }): Segment => ({ name: kind, tokens, className: CLASSES[kind] }));
  return [
    ...named,
    { name: "kept for the answer", tokens: reserved, className: "gb-context-reserved" },
    { name: "free", tokens: Math.max(0, size - used - reserved), className: "gb-context-free" },
  ];
}

function share(tokens: number, size: number): string {
  return `${((tokens / size) * 100).toFixed(1)} %`;
}

function captionOf({ size, limit, used, reserved, parts, dropped }: ContextUse): string {
  const free = Math.max(0, size - used - reserved);
  const largest = parts.reduce((most, part) => (part.tokens > most.tokens ? part : most), {
    kind: "instructions",
    tokens: 0,
  });
  const out = dropped.length === 0 ? "nothing was left out" : `${plural(dropped.length, "part")} did not fit`;
  return (
    `The last prompt took ${formatCount(used)} of ${plural(size, "token")}, most of them for ${NAMES[largest.kind] ?? largest.kind}; ` +
    `${formatCount(reserved)} are kept for the answer, ${formatCount(free)} are free, and ${out}. ` +
    `Glassbox sends at most ${formatCount(limit)} at once.`
  );
}

const ESTIMATED = " All of this is estimated: the server counts by its own tokenizer.";

const NAMES: Record<string, string> = {
  instructions: "the instructions and their examples",
  facts: "the facts",
  code: "the code",
  conversation: "the conversation so far",
  question: "the question",
};
