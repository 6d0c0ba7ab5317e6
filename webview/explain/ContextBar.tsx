/** What the last prompt took of the model's context, what is kept for the answer, and what was left out. */

import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { ContextUse, DroppedPart } from "../../src/shared/panels/explain.js";
import { countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";

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
      <h2>{t("Context")}</h2>
      <Figure
        caption={[captionOf(context), ...(estimated ? [ESTIMATED] : [])].join(" ")}
        table={{
          columns: ["Part", "Tokens", "Share of the context"],
          heads: [t("Part"), t("Tokens"), t("Share of the context")],
          rows: () => segments.map(({ name, tokens }) => [name, formatCount(tokens), share(tokens, size)]),
        }}
      >
        <div class="gb-context-bar" aria-hidden="true">
          {segments.map(({ name, tokens, className }) => (
            <span
              key={name}
              class={className}
              style={{ flexGrow: tokens }}
              title={`${name}: ${countedTokens(tokens)}`}
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
          <p>{t("Left out for want of room:")}</p>
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
  "follow-up": t("earlier question"),
  code: t("code"),
  fact: t("fact"),
};

const CLASSES: Record<ContextUse["parts"][number]["kind"], string> = {
  instructions: "gb-context-1",
  facts: "gb-context-2",
  code: "gb-context-3",
  conversation: "gb-context-4",
  question: "gb-context-5",
};

const NAMES: typeof CLASSES = {
  instructions: t("instructions"),
  facts: t("facts"),
  code: t("code"),
  conversation: t("conversation"),
  question: t("question"),
};

function segmentsOf({ size, used, reserved, parts }: ContextUse): Segment[] {
  const named = parts
    .filter(({ tokens }) => tokens > 0)
    .map(({ kind, tokens }): Segment => ({ name: NAMES[kind], tokens, className: CLASSES[kind] }));
  return [
    ...named,
    { name: t("kept for the answer"), tokens: reserved, className: "gb-context-reserved" },
    { name: t("free"), tokens: Math.max(0, size - used - reserved), className: "gb-context-free" },
  ];
}

function share(tokens: number, size: number): string {
  return `${formatFixed((tokens / size) * 100, 1)} %`;
}

function captionOf({ size, limit, used, reserved, parts, dropped }: ContextUse): string {
  const free = Math.max(0, size - used - reserved);
  const largest = parts.reduce<ContextUse["parts"][number]>(
    (most, part) => (part.tokens > most.tokens ? part : most),
    { kind: "instructions", tokens: 0 },
  );
  const numbers = {
    used: formatCount(used),
    size: countedTokens(size),
    purpose: PURPOSES[largest.kind],
    reserved: formatCount(reserved),
    free: formatCount(free),
    limit: formatCount(limit),
    dropped: formatCount(dropped.length),
  };
  switch (dropped.length) {
    case 0:
      return t(
        "The last prompt took {used} of {size}, most of them for {purpose}; {reserved} are kept for the answer, {free} are free, and nothing was left out. Glassbox sends at most {limit} at once.",
        numbers,
      );
    case 1:
      return t(
        "The last prompt took {used} of {size}, most of them for {purpose}; {reserved} are kept for the answer, {free} are free, and {dropped} part did not fit. Glassbox sends at most {limit} at once.",
        numbers,
      );
    default:
      return t(
        "The last prompt took {used} of {size}, most of them for {purpose}; {reserved} are kept for the answer, {free} are free, and {dropped} parts did not fit. Glassbox sends at most {limit} at once.",
        numbers,
      );
  }
}

const ESTIMATED = t("All of this is estimated: the server counts by its own tokenizer.");

/** What most of a prompt is for: stands behind "for". */
const PURPOSES: typeof CLASSES = {
  instructions: t("the instructions and their examples"),
  facts: t("the facts"),
  code: t({ message: "the code", comment: "behind “for”" }),
  conversation: t("the conversation so far"),
  question: t("the question"),
};
