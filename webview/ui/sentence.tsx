/** A sentence in the reader's language that holds elements: where they stand in it is the translator's choice. */

import type { ComponentChildren } from "preact";
import { type Message, textOf } from "../../src/shared/l10n.js";

/** What stands at `{0}`; or, as a function, what is made of the words between `<0>` and `</0>`. */
type Part = ComponentChildren | ((words: ComponentChildren) => ComponentChildren);

const HOLE = /\{(\d+)\}|<(\d+)>([\s\S]*?)<\/\2>/g;

/**
 * The message in the reader's language, its placeholders filled with elements:
 * `sentence("{0} is <1>not</1> shared.", <TokenChip … />, (words) => <b>{words}</b>)`.
 */
export function sentence(message: Message, ...parts: Part[]): ComponentChildren {
  return fill(textOf(message), parts);
}

function fill(text: string, parts: readonly Part[]): ComponentChildren {
  const nodes: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(HOLE)) {
    const [whole, hole, tag, words = ""] = match;
    if (match.index > from) nodes.push(text.slice(from, match.index));
    const part = parts[Number(hole ?? tag)];
    nodes.push(typeof part === "function" ? part(fill(words, parts)) : part);
    from = match.index + whole.length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return <>{nodes}</>;
}

/** A sentence no line of which ends between a number and its sign or unit, or within a date, a range or "min-p". */
export function withWholeNumbers(text: string): ComponentChildren {
  const parts = text.split(
    /(\d[\d.,]* (?:%|\$|[kMGTP]B\b)|\b\d{4}-\d\d-\d\d\b|\d+–\d+|\b(?:top|min|typical)-[kp]\b)/i,
  );
  return parts.map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      // Parts have no identity but their place.
      <span key={`${at} ${part}`} class="gb-whole">
        {part}
      </span>
    ),
  );
}
