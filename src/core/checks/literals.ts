/** Literals of JavaScript and Python as text: split argument lists, compare values, tell which ones are simple. */

/** Splits an argument list at the commas that stand outside all brackets and quotes. */
export function splitArguments(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    const character = list[at]!;
    if (quote !== "") {
      if (character === "\\") at++;
      else if (character === quote) quote = "";
    } else if (`"'\``.includes(character)) quote = character;
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    else if (depth === 0 && character === ",") {
      parts.push(list.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = list.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}

/** Whether two literals are the same but for spaces and the kind of quotes. Numbers are compared as numbers. */
export function sameLiteral(a: string, b: string): boolean {
  const left = tokensOf(a);
  const right = tokensOf(b);
  return left.length === right.length && left.every((token, index) => sameToken(token, right[index]!));
}

function sameToken(a: string, b: string): boolean {
  if (a === b) return true;
  const isNumber = (token: string) => /^\d/.test(token) || /^\.\d/.test(token);
  return isNumber(a) && isNumber(b) && Number(a.replaceAll("_", "")) === Number(b.replaceAll("_", ""));
}

/** Splits into strings (quotes unified), numbers, words and signs; spaces outside strings are dropped. */
function tokensOf(text: string): string[] {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[\w.$]+|\S/gu) ?? [];
  return tokens.map((token, index) => {
    if (/^(["'`]).*\1$/su.test(token)) return `"${token.slice(1, -1)}"`;
    // A key of an object may be written with quotes or without.
    const isKey = tokens[index + 1] === ":" && (tokens[index - 1] === "{" || tokens[index - 1] === ",");
    return isKey ? `"${token}"` : token;
  });
}

const SCALAR = String.raw`-?\d{1,9}(?:\.\d{1,6})?|"[^"\\]{0,24}"|'[^'\\]{0,24}'|true|false|null|undefined|True|False|None`;
const FLAT_LITERAL = new RegExp(
  String.raw`^(?:${SCALAR}|[[(](?:(?:${SCALAR})(?:, ?(?:${SCALAR})){0,7},?)?[\])]|\{ ?(?:[\w"']+: ?(?:${SCALAR})(?:, ?[\w"']+: ?(?:${SCALAR})){0,3})? ?\})$`,
);

/** Whether a value is one that can be predicted: a short scalar, or a short flat list or object of such. */
export function isSimpleLiteral(value: string): boolean {
  return FLAT_LITERAL.test(value.trim());
}

/** What `isSimpleLiteral` accepts, as a GBNF grammar. Everything in it has a largest length, so that it ends. */
export function literalGrammar(languageId: string, form: "number" | "text" | "literal"): string {
  const words = languageId === "python" ? ["True", "False", "None"] : ["true", "false", "null", "undefined"];
  const pair = languageId === "python" ? "string" : "name";
  return [
    `root ::= ${form === "number" ? "number" : form === "text" ? "string" : `scalar | list | object${languageId === "python" ? " | tuple" : ""}`}`,
    `scalar ::= number | string | ${words.map((word) => `"${word}"`).join(" | ")}`,
    `number ::= "-"? ("0" | [1-9] [0-9]{0,8}) ("." [0-9]{1,6})?`,
    `string ::= "\\"" [^"\\\\\\n]{0,24} "\\""`,
    `list ::= "[" (scalar (", " scalar){0,7})? "]"`,
    ...(languageId === "python" ? [`tuple ::= "(" scalar (", " scalar){1,7} ")"`] : []),
    `object ::= "{" (pair (", " pair){0,3})? "}"`,
    `pair ::= ${pair} ": " scalar`,
    ...(pair === "name" ? [`name ::= [a-zA-Z_] [a-zA-Z0-9_]{0,15}`] : []),
  ].join("\n");
}
