/** Code to put around a selection that was cut out of something, so that it parses. */

export interface Surroundings {
  before: string;
  after: string;
}

export const ALONE: Surroundings = { before: "", after: "" };

const CLOSING: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };
/** Strings and comments of most languages, whose brackets do not count, or one bracket. */
const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[{}()[\]]/g;
/** Brackets beyond these are not a selection's loose ends. */
const MOST_BRACKETS = 40;

/**
 * What closes the brackets that a selection opens, and opens those that it closes; undefined when they match.
 * @param openBrace code that ends in an opening brace which the language allows among statements; undefined where
 *   there is none, and a selection that closes a brace stays as it is.
 */
export function missingBrackets(text: string, openBrace: string | undefined): Surroundings | undefined {
  const open: string[] = [];
  let before = "";
  let count = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token in CLOSING) open.push(token);
    else if (/^[})\]]$/.test(token)) {
      if (open.length > 0 && CLOSING[open.at(-1)!] === token) open.pop();
      else if (open.length === 0) {
        if (token === "}" && openBrace === undefined) return undefined;
        before = (token === "}" ? `${openBrace}\n` : token === ")" ? "(" : "[") + before;
        if (++count > MOST_BRACKETS) return undefined;
      }
    }
  }
  if (open.length > MOST_BRACKETS || (before === "" && open.length === 0)) return undefined;
  const after = open.reverse().map((bracket) => CLOSING[bracket]);
  return { before, after: open.length > 0 ? `\n${after.join("\n")}` : "" };
}

/** The ways to parse a selection: alone, with its brackets completed, and inside of each of the surroundings. */
export function waysToParse(
  text: string,
  surroundings: readonly Surroundings[],
  openBrace: string | undefined,
): Surroundings[] {
  const missing = missingBrackets(text, openBrace);
  const all = [ALONE, ...surroundings];
  if (!missing) return all;
  const completed = all.map(({ before, after }) => ({
    before: before + missing.before,
    after: missing.after + after,
  }));
  return [ALONE, ...completed, ...surroundings];
}
