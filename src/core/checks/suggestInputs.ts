/** Makes argument lists that are worth trying first, from the names, types and defaults of parameters. */

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

/** Ordinary values first, then edge cases, as JavaScript source. */
const VALUES: Readonly<Record<Shape, readonly string[]>> = {
  number: ["3", "10", "0", "-1"],
  string: ['"hello"', '"Glass Box"', '""', '"ünï 🎉"'],
  boolean: ["true", "false"],
  numbers: ["[3, 1, 2]", "[5, 5, 8, 13]", "[]", "[-1]"],
  strings: ['["pear", "apple"]', '["a", "b", "a"]', "[]", '[""]'],
  objects: ["[{ id: 1 }, { id: 2 }]", "[{ id: 3 }]", "[]"],
  function: ["(x) => x", "(x) => x * 2"],
  object: ['{ name: "Ada", age: 36 }', "{ a: 1 }", "{}"],
  date: ["new Date(0)", 'new Date("2024-02-29")'],
};

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
function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}

/** What programs usually pass under such a name. */
export function shapeByName(name: string): Shape | undefined {
  const parts = words(name);
  // The last word says what it is: a `userName` is a name. A leading `is` or `has` decides before that.
  for (const word of [parts.length > 1 ? parts[0] : undefined, parts.at(-1)]) {
    if (word === undefined) continue;
    const found = NAMES.find(([, pattern]) => pattern.test(word));
    if (found && (word === parts.at(-1) || found[0] === "boolean")) return found[0];
  }
  return undefined;
}

/** What the body does with a parameter: `text.split(…)` works on a string, `for (… of xs)` on a list. */
function shapeByUse(name: string, body: string): Shape | undefined {
  const escaped = name.replace(/\$/g, "\\$");
  const uses = (pattern: string) => new RegExp(`(?<![\\w$.])${escaped}${pattern}`).test(body);
  if (
    uses(
      "\\.(?:split|trim\\w*|toUpperCase|toLowerCase|charAt|charCodeAt|codePointAt|replace\\w*|padStart|padEnd|startsWith|endsWith|substring|substr|match\\w*|normalize|localeCompare)\\b",
    )
  )
    return "string";
  if (
    uses(
      "\\.(?:map|filter|reduce|forEach|push|pop|shift|unshift|sort|splice|some|every|find\\w*|flat\\w*|join|reverse|entries)\\b",
    )
  )
    return "numbers";
  if (new RegExp(`\\bof\\s+${escaped}\\b|\\.\\.\\.${escaped}(?![\\w$])`).test(body)) return "numbers";
  if (uses("\\.(?:toFixed|toPrecision)\\b")) return "number";
  if (uses("\\.(?:getTime|getFullYear|getMonth|getDate|toISOString)\\b")) return "date";
  if (uses("\\.length\\b") || uses("\\[")) return "numbers";
  if (uses("\\s*\\(")) return "function";
  if (uses("\\.[A-Za-z_$]")) return "object";
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

/** Candidate values for a TypeScript type, as JavaScript source; undefined for a type that we cannot read. */
function valuesByType(type: string, depth = 0): readonly string[] | undefined {
  const text = type.trim().replace(/^readonly\s+/, "");
  if (depth > 3) return undefined;
  const recurse = (part: string) => valuesByType(part, depth + 1);
  const first = (part: string) => recurse(part)?.[0];
  if (text.includes("=>")) return VALUES.function;
  const union = splitOutside(text, "|");
  if (union.length > 1) {
    const values = union.flatMap((part) => recurse(part)?.slice(0, union.length > 2 ? 1 : 2) ?? []);
    return values.length > 0 ? [...new Set(values)] : undefined;
  }
  if (/^(["'`]).*\1$/s.test(text) || /^-?\d/.test(text)) return [text];
  switch (text) {
    case "number":
    case "string":
    case "boolean":
      return VALUES[text];
    case "bigint":
      return ["3n", "0n"];
    case "null":
    case "undefined":
    case "true":
    case "false":
      return [text];
    case "object":
      return VALUES.object;
    case "Date":
      return VALUES.date;
    case "RegExp":
      return ["/a+/g"];
    case "unknown":
    case "any":
      return ["3", '"hello"', "null"];
    case "Function":
      return VALUES.function;
  }
  const element = /^(.*)\[\]$/s.exec(text)?.[1] ?? /^(?:Readonly)?Array<(.*)>$/s.exec(text)?.[1];
  if (element !== undefined) {
    if (/^\(?number\)?$/.test(element)) return VALUES.numbers;
    if (/^\(?string\)?$/.test(element)) return VALUES.strings;
    const [one, two] = recurse(element.replace(/^\((.*)\)$/s, "$1")) ?? [];
    if (one === undefined) return VALUES.numbers;
    return [`[${[one, two].filter((value) => value !== undefined).join(", ")}]`, "[]"];
  }
  const generic = /^(\w+)<(.*)>$/s.exec(text);
  if (generic) {
    const [key, value] = splitOutside(generic[2]!, ",").map(first);
    switch (generic[1]) {
      case "Map":
      case "ReadonlyMap":
        return key && value ? [`new Map([[${key}, ${value}]])`, "new Map()"] : ["new Map()"];
      case "Set":
      case "ReadonlySet":
        return key ? [`new Set([${key}])`, "new Set()"] : ["new Set()"];
      case "Record":
        return key && value ? [`{ [${key}]: ${value} }`, "{}"] : ["{}"];
      case "Promise":
        return key ? [`Promise.resolve(${key})`] : undefined;
      case "Partial":
        return ["{}"];
      default:
        return undefined;
    }
  }
  if (text.startsWith("[") && text.endsWith("]")) {
    const members = splitOutside(text.slice(1, -1), ",").map((part) => first(part.replace(/^\w+\??:/, "")));
    return members.every((member) => member !== undefined) ? [`[${members.join(", ")}]`] : undefined;
  }
  if (text.startsWith("{") && text.endsWith("}")) {
    const fields = splitOutside(text.slice(1, -1).replaceAll(",", ";"), ";").map((field) => {
      const [, name, fieldType] = /^(?:readonly\s+)?([\w$]+)\??\s*:\s*(.*)$/s.exec(field) ?? [];
      const value = fieldType === undefined ? undefined : (shapedValue(name!, fieldType) ?? first(fieldType));
      return value === undefined ? undefined : `${name}: ${value}`;
    });
    return fields.every((field) => field !== undefined) ? [`{ ${fields.join(", ")} }`] : undefined;
  }
  return undefined;
}

function shapedValue(name: string, type: string): string | undefined {
  return type.trim() === "string" && words(name).at(-1) === "name" ? '"Ada"' : undefined;
}

function valuesByDefault(source: string): readonly string[] | undefined {
  if (/^-?\d/.test(source)) return VALUES.number;
  if (/^["'`]/.test(source)) return VALUES.string;
  if (/^(?:true|false)$/.test(source)) return VALUES.boolean;
  if (source.startsWith("[")) return VALUES.numbers;
  if (source.startsWith("{")) return VALUES.object;
  return undefined;
}

function valuesOf(parameter: Parameter, position: number, body: string): readonly string[] {
  const { name, type, defaultValue } = parameter;
  let values = type === undefined ? undefined : valuesByType(type);
  if (defaultValue !== undefined) values ??= valuesByDefault(defaultValue);
  if (!values && name.startsWith("{")) {
    const fields = splitOutside(name.slice(1, -1), ",").filter((field) => !field.startsWith("..."));
    const source = fields.map((field) => {
      const key = /^[\w$]+/.exec(field)?.[0] ?? "value";
      return `${key}: ${valuesOf({ name: key }, 0, body)[0]}`;
    });
    values = [`{ ${source.join(", ")} }`];
  }
  if (!values && name.startsWith("[")) values = VALUES.numbers;
  if (!values) {
    const shape = shapeByUse(name, body) ?? shapeByName(name) ?? "number";
    // The name may know what the list holds.
    const byName = shapeByName(name);
    const better =
      shape === "numbers" && (byName === "strings" || byName === "objects" || byName === "string");
    values = VALUES[better ? byName : shape];
  }
  if (values === VALUES.number && position > 0) values = OTHER_NUMBERS;
  return values;
}

/**
 * Suggests up to four argument lists as JavaScript source: ordinary ones first, then edge cases such as empty
 * lists and texts, and one that leaves defaults to the function.
 * @param body the source of the function, whose use of a parameter tells more than its name.
 */
export function suggestInputs(parameters: readonly Parameter[], body: string): string[] {
  if (parameters.length === 0) return [""];
  const choices = parameters.map((parameter, position): readonly string[] => {
    if (!parameter.name.startsWith("...")) return valuesOf(parameter, position, body);
    const element = parameter.type?.replace(/\[\]$/, "");
    const single = valuesOf({ name: "value", ...(element === undefined ? {} : { type: element }) }, 0, "");
    return [single.slice(0, 3).join(", "), single[0] ?? "", ""];
  });
  const required = parameters.findIndex(({ defaultValue }) => defaultValue !== undefined);
  return argumentLists(choices, required < 0 ? undefined : required);
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
