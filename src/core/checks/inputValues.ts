/** What programs usually pass to parameters, in JavaScript as in Python. */

/** A parameter as the syntax tree has it. */
export interface Parameter {
  /** As written, without its type: `a`, `...rest`, `{ x, y }`. */
  name: string;
  /** The type annotation, without the colon. */
  type?: string;
  /** The source of the default value. */
  defaultValue?: string;
}

export type Shape =
  | "number"
  | "string"
  | "boolean"
  | "numbers"
  | "strings"
  | "objects"
  | "function"
  | "object"
  | "date";

/** Ordinary values first, then edge cases: what is written alike in JavaScript and Python. */
export const COMMON_VALUES = {
  number: ["3", "10", "0", "-1"],
  string: ['"hello"', '"Glass Box"', '""', '"ünï 🎉"'],
  numbers: ["[3, 1, 2]", "[5, 5, 8, 13]", "[]", "[-1]"],
  strings: ['["pear", "apple"]', '["a", "b", "a"]', "[]", '[""]'],
} as const;

/** A second number that equals the first would hide which is which. */
const OTHER_NUMBERS = ["4", "2", "0", "7"] as const;

/** Parameter names by what programs usually pass under them. Matched against the words of the name. */
const NAMES: readonly [shape: Shape, words: RegExp][] = [
  ["boolean", /^(is|has|should|can|enabled?|disabled?|flag|strict|verbose|ascending|descending|reverse)$/],
  ["function", /^(fn|func|callback|cb|predicate|compare|comparator|mapper|reducer|handler|iteratee)$/],
  ["strings", /^(words|names|lines|strings|strs|keys|tags|labels|paths|tokens)$/],
  [
    "numbers",
    /^(arr|array|list|nums|numbers|values|vals|xs|ys|ns|data|sorted|scores|prices|digits|sequence|seq)$/,
  ],
  ["objects", /^(items|users|people|records|rows|objects|entries|products|orders|todos|nodes|edges)$/],
  ["date", /^(date|day|when|timestamp)$/],
  [
    "string",
    /^(s|str|string|text|word|name|line|input|query|key|path|url|message|msg|title|label|char|ch|sep|separator|delimiter|prefix|suffix|pattern|sentence|email|first|last|haystack|needle|json|html|csv|code)$/,
  ],
  [
    "object",
    /^(obj|object|options|opts|config|settings|props|map|dict|user|person|item|record|point|node|state)$/,
  ],
  [
    "number",
    /^(n|m|i|j|k|a|b|c|x|y|z|num|number|count|size|len|length|index|idx|limit|max|min|width|height|age|year|month|amount|price|total|step|depth|level|left|right|lo|hi|low|high|target|base|exp|exponent|radius|factor|rate|percent|seed|value|val|start|end|from|to|id|ms|seconds)$/,
  ],
];

/** `userNames` → `user`, `names`. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}

/** What programs usually pass under such a name. */
function shapeByName(name: string): Shape | undefined {
  const parts = wordsOf(name);
  // The last word says what it is: a `userName` is a name. A leading `is` or `has` decides before that.
  for (const word of [parts.length > 1 ? parts[0] : undefined, parts.at(-1)]) {
    if (word === undefined) continue;
    const found = NAMES.find(([, pattern]) => pattern.test(word));
    if (found && (word === parts.at(-1) || found[0] === "boolean")) return found[0];
  }
  return undefined;
}

/** Splits at a separator that stands outside all brackets and quotes. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (`"'\``.includes(character)) quote = character;
    else if ("([{<".includes(character)) depth++;
    else if (")]}".includes(character) || (character === ">" && text[i - 1] !== "=")) depth--;
    else if (depth === 0 && character === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** What a language says about the values that a parameter takes; undefined where it says nothing. */
export interface InputLanguage {
  values: Readonly<Record<Shape, readonly string[]>>;
  byType(type: string): readonly string[] | undefined;
  byDefault(source: string): readonly string[] | undefined;
  /** For a parameter that is no name but takes its argument apart. */
  byPattern(name: string, body: string): readonly string[] | undefined;
  /** What the body does with it. */
  byUse(name: string, body: string): Shape | undefined;
}

/** Values worth trying for a parameter, as source: by its type first, then by its default, its use and its name. */
export function valuesFor(
  language: InputLanguage,
  { name, type, defaultValue }: Parameter,
  position: number,
  body: string,
): readonly string[] {
  const values =
    (type === undefined ? undefined : language.byType(type)) ??
    (defaultValue === undefined ? undefined : language.byDefault(defaultValue)) ??
    language.byPattern(name, body) ??
    language.values[shapeOf(language, name, body)];
  return values === language.values.number && position > 0 ? OTHER_NUMBERS : values;
}

function shapeOf(language: InputLanguage, name: string, body: string): Shape {
  const byName = shapeByName(name);
  const shape = language.byUse(name, body) ?? byName ?? "number";
  // The name may know what the list holds.
  const better = byName === "strings" || byName === "objects" || byName === "string";
  return shape === "numbers" && better ? byName : shape;
}

/**
 * Up to four argument lists from what each parameter may be given.
 * @param required how many arguments must be passed, where there are defaults: one list leaves those out.
 */
export function argumentLists(
  choices: readonly (readonly string[])[],
  required: number | undefined,
): string[] {
  const longest = Math.min(4, Math.max(...choices.map((values) => values.length)));
  const lists: string[] = [];
  for (let i = 0; i < longest; i++) {
    const list = choices.map((values) => values[i % values.length]!);
    while (list.at(-1) === "") list.pop();
    lists.push(list.join(", "));
  }
  if (required !== undefined) {
    lists.unshift(
      choices
        .slice(0, required)
        .map((values) => values[0]!)
        .join(", "),
    );
  }
  return [...new Set(lists)].slice(0, 4);
}
