/** What code has printed: in full where it is short, else its beginning, which opens to the whole. */

import { countedCharacters, countedLines } from "../ui/counted.js";

/** More than this would push the results of other inputs out of sight. */
const SHORT_CHARACTERS = 200;
const SHORT_LINES = 4;

export function Printed({ when, text }: { when: string; text: string }) {
  const shown = text.trimEnd();
  const lines = shown.split("\n");
  if (shown.length <= SHORT_CHARACTERS && lines.length <= SHORT_LINES) {
    return (
      <p class="gb-printed">
        <span class="gb-dim">{when} </span>
        <code>{shown}</code>
      </p>
    );
  }
  const size = lines.length > SHORT_LINES ? countedLines(lines.length) : countedCharacters(shown.length);
  return (
    <details class="gb-printed">
      <summary>
        <span class="gb-dim">{when} </span>
        {size} <code class="gb-dim">{lines[0]!.slice(0, 40)}…</code>
      </summary>
      <pre>{shown}</pre>
    </details>
  );
}
