/** Edits of a JSON text's layout: the same tokens of JSON with less between them. */

import type { Replacement } from "../../shared/savings.js";

export interface JsonToken {
  start: number;
  end: number;
  kind: "punctuation" | "value" | "lineComment" | "blockComment";
}

const TOKEN =
  /([{}[\],:])|("(?:[^"\\\n\r]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)|(\/\/[^\n\r]*)|(\/\*[\s\S]*?\*\/)/y;
const SPACE = /[ \t\r\n]*/y;

/** The tokens of a JSON text, with comments where there are some; undefined where it is no JSON. */
export function jsonTokens(text: string): JsonToken[] | undefined {
  const tokens: JsonToken[] = [];
  let at = text.startsWith("\ufeff") ? 1 : 0;
  for (;;) {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
    if (at === text.length) return tokens;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const kind =
      match[1] !== undefined
        ? "punctuation"
        : match[2] !== undefined
          ? "value"
          : match[3] !== undefined
            ? "lineComment"
            : "blockComment";
    tokens.push({ start: at, end: TOKEN.lastIndex, kind });
    at = TOKEN.lastIndex;
  }
}

/**
 * The layout of a JSON text: `minified` has nothing between tokens; `compact` has one line for each element of the
 * outermost array or object, with a space behind commas and colons. A comment that ends a line keeps its break.
 */
export function jsonLayout(
  text: string,
  tokens: readonly JsonToken[],
  style: "minified" | "compact",
): Replacement[] {
  const edits: Replacement[] = [];
  let depth = 0;
  for (let i = 0; i + 1 < tokens.length; i++) {
    const token = tokens[i]!;
    const next = tokens[i + 1]!;
    const sign = token.kind === "punctuation" ? text[token.start]! : "";
    const nextSign = next.kind === "punctuation" ? text[next.start]! : "";
    if (sign === "{" || sign === "[") depth++;
    if (sign === "}" || sign === "]") depth--;
    let gap = "";
    if (token.kind === "lineComment") gap = "\n";
    else if (style === "compact") gap = compactGap(sign, nextSign, depth);
    // Two values side by side are several texts of JSON, one a line.
    if (gap === "" && depth === 0 && sign !== "," && sign !== ":") gap = "\n";
    const old = text.slice(token.end, next.start);
    // A comment stays behind what it is about.
    if (style === "compact" && next.kind.endsWith("Comment") && !old.includes("\n")) gap = " ";
    if (old !== gap) {
      edits.push({ start: token.end, end: next.start, text: gap });
    }
  }
  const last = tokens.at(-1);
  const end = last?.kind === "lineComment" ? "\n" : "";
  if (last && text.slice(last.end) !== end && text.slice(last.end) !== "\n") {
    edits.push({ start: last.end, end: text.length, text: "\n" });
  }
  return edits;
}

/** @param depth containers that are open between the two signs. */
function compactGap(sign: string, nextSign: string, depth: number): string {
  const closes = nextSign === "}" || nextSign === "]";
  const opens = sign === "{" || sign === "[";
  if (opens && closes) return "";
  if (depth === 1 && (opens || closes || sign === ",")) return "\n";
  return sign === "," || sign === ":" ? " " : "";
}

/** Whether two texts have the same tokens of JSON. */
export function sameJson(before: string, after: string): boolean {
  const old = jsonTokens(before);
  const now = jsonTokens(after);
  return (
    old !== undefined &&
    now !== undefined &&
    old.length === now.length &&
    old.every((token, index) => {
      const other = now[index]!;
      return before.slice(token.start, token.end) === after.slice(other.start, other.end);
    })
  );
}
