/** Makes argument lists of JavaScript that are worth trying first, from the names, types and defaults of parameters. */

import {
  argumentLists,
  COMMON_VALUES,
  type InputLanguage,
  type Parameter,
  type Shape,
  splitOutside,
  valuesFor,
  wordsOf,
} from "./inputValues.js";

/** Ordinary values first, then edge cases, as JavaScript source. */
const VALUES: Readonly<Record<Shape, readonly string[]>> = {
  ...COMMON_VALUES,
  boolean: ["true", "false"],
  objects: ["[{ id: 1 }, { id: 2 }]", "[{ id: 3 }]", "[]"],
  function: ["(x) => x", "(x) => x * 2"],
  object: ['{ name: "Ada", age: 36 }', "{ a: 1 }", "{}"],
  date: ["new Date(0)", 'new Date("2024-02-29")'],
};

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
  return type.trim() === "string" && wordsOf(name).at(-1) === "name" ? '"Ada"' : undefined;
}

function valuesByDefault(source: string): readonly string[] | undefined {
  if (/^-?\d/.test(source)) return VALUES.number;
  if (/^["'`]/.test(source)) return VALUES.string;
  if (/^(?:true|false)$/.test(source)) return VALUES.boolean;
  if (source.startsWith("[")) return VALUES.numbers;
  if (source.startsWith("{")) return VALUES.object;
  return undefined;
}

/** A parameter that takes its argument apart is given something to take apart. */
function valuesByPattern(name: string, body: string): readonly string[] | undefined {
  if (name.startsWith("[")) return VALUES.numbers;
  if (!name.startsWith("{")) return undefined;
  const fields = splitOutside(name.slice(1, -1), ",").filter((field) => !field.startsWith("..."));
  const source = fields.map((field) => {
    const key = /^[\w$]+/.exec(field)?.[0] ?? "value";
    return `${key}: ${valuesFor(JAVASCRIPT, { name: key }, 0, body)[0]}`;
  });
  return [`{ ${source.join(", ")} }`];
}

const JAVASCRIPT: InputLanguage = {
  values: VALUES,
  byType: valuesByType,
  byDefault: valuesByDefault,
  byPattern: valuesByPattern,
  byUse: shapeByUse,
};

/**
 * Suggests up to four argument lists as JavaScript source: ordinary ones first, then edge cases such as empty
 * lists and texts, and one that leaves defaults to the function.
 * @param body the source of the function, whose use of a parameter tells more than its name.
 */
export function suggestInputs(parameters: readonly Parameter[], body: string): string[] {
  if (parameters.length === 0) return [""];
  const choices = parameters.map((parameter, position): readonly string[] => {
    if (!parameter.name.startsWith("...")) return valuesFor(JAVASCRIPT, parameter, position, body);
    const element = parameter.type?.replace(/\[\]$/, "");
    const single = valuesFor(
      JAVASCRIPT,
      { name: "value", ...(element === undefined ? {} : { type: element }) },
      0,
      "",
    );
    return [single.slice(0, 3).join(", "), single[0] ?? "", ""];
  });
  const required = parameters.findIndex(({ defaultValue }) => defaultValue !== undefined);
  return argumentLists(choices, required < 0 ? undefined : required);
}
