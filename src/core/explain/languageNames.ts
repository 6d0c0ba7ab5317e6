/** Which names of a step are worth asking a language server about, and what its hover says of one. */

/** Words that no language server says anything about. */
const KEYWORDS = new Set(
  (
    "if else for while do return const let var function class new in of import export from as default switch case " +
    "break continue try catch finally throw async await yield typeof instanceof true false null undefined this super " +
    "def elif lambda None True False and or not is with pass raise except global nonlocal del self print " +
    "public private protected static final void int string bool float double char struct enum interface type func " +
    "fn mut pub use impl match where package go defer range map chan select end then begin require puts"
  ).split(" "),
);
const LONGEST_SIGNATURE = 140;
/** What VS Code puts before TypeScript's answers while the project is still read, in its language. */
const STILL_LOADING = /^\([^()]*(?:\.{3}|…)\) /;

/**
 * The first names of a text, each once, without keywords, comments, texts and names behind a dot.
 * @returns offsets in UTF-16.
 */
export function namesIn(text: string, most: number): { name: string; at: number }[] {
  const code = text.replace(
    /\/\/[^\n]*|(?:^|(?<=\s))#[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    (skipped) => " ".repeat(skipped.length),
  );
  const names = new Map<string, number>();
  for (const match of code.matchAll(/(?<![\p{L}\p{N}_$.])[\p{L}_$][\p{L}\p{N}_$]*/gu)) {
    const [name] = match;
    if (KEYWORDS.has(name) || names.has(name)) continue;
    names.set(name, match.index);
    if (names.size === most) break;
  }
  return [...names].map(([name, at]) => ({ name, at }));
}

/**
 * The signature in a hover: the first line of its code that says more than the name.
 * @param hover Markdown; TypeScript's server writes a block of code, Python's as well.
 */
export function hoverSignature(hover: string, name: string): string | undefined {
  const block = /```[^\n]*\n([\s\S]*?)```/.exec(hover)?.[1];
  if (block === undefined) return undefined;
  // `(parameter) values: number[]`, `let total: number`, over several lines for objects.
  const line = block.replace(/\s+/g, " ").trim();
  // Types that other files decide are not known yet.
  if (STILL_LOADING.test(line)) return undefined;
  if (line === name || !line.includes(name) || !/[:(=]/.test(line)) return undefined;
  return line.length > LONGEST_SIGNATURE ? `${line.slice(0, LONGEST_SIGNATURE - 1)}…` : line;
}
