/** Makes argument lists of Python that are worth trying first, from the names, annotations and defaults. */

import {
  argumentLists,
  COMMON_VALUES,
  type InputLanguage,
  type Parameter,
  type Shape,
  splitOutside,
  valuesFor,
} from "./inputValues.js";

export interface PythonParameter extends Parameter {
  /** Whether it stands behind `*`, and so must be passed by its name. */
  keywordOnly: boolean;
}

/** Ordinary values first, then edge cases, as Python source. */
const VALUES: Readonly<Record<Shape, readonly string[]>> = {
  ...COMMON_VALUES,
  boolean: ["True", "False"],
  objects: ['[{"id": 1}, {"id": 2}]', '[{"id": 3}]', "[]"],
  function: ["lambda x: x", "lambda x: x * 2"],
  object: ['{"name": "Ada", "age": 36}', '{"a": 1}', "{}"],
  date: ['__import__("datetime").date(2024, 2, 29)', '__import__("datetime").date(1970, 1, 1)'],
};

const FLOATS = ["2.5", "0.1", "0.0", "-1.0"];

/** Candidate values for an annotation; undefined for one that we cannot read. */
function valuesByType(type: string, depth = 0): readonly string[] | undefined {
  if (depth > 3) return undefined;
  const text = type
    .trim()
    .replace(/^(["'])(.*)\1$/s, "$2")
    .replace(/^(?:typing|t|collections\.abc)\./, "");
  const recurse = (part: string) => valuesByType(part, depth + 1);
  const union = splitOutside(text, "|");
  if (union.length > 1) {
    const values = union.flatMap((part) => recurse(part)?.slice(0, 2) ?? []);
    return values.length > 0 ? [...new Set(values)] : undefined;
  }
  switch (text) {
    case "int":
      return VALUES.number;
    case "float":
    case "complex":
      return FLOATS;
    case "str":
    case "LiteralString":
      return VALUES.string;
    case "bool":
      return VALUES.boolean;
    case "bytes":
      return ['b"hello"', 'b""'];
    case "None":
      return ["None"];
    case "list":
    case "List":
    case "Sequence":
    case "Iterable":
      return VALUES.numbers;
    case "dict":
    case "Dict":
    case "Mapping":
      return VALUES.object;
    case "tuple":
    case "Tuple":
      return ["(3, 1)", "()"];
    case "set":
    case "Set":
    case "frozenset":
      return ["{3, 1, 2}", "set()"];
    case "Callable":
      return VALUES.function;
    case "Any":
    case "object":
      return ["3", '"hello"', "None"];
    case "date":
    case "datetime.date":
      return VALUES.date;
  }
  const [, outer, inner] = /^([\w.]+)\[(.*)\]$/s.exec(text) ?? [];
  if (outer === undefined || inner === undefined) return undefined;
  const parts = splitOutside(inner, ",");
  const first = (part: string | undefined) => (part === undefined ? undefined : recurse(part)?.[0]);
  switch (outer.replace(/^.*\./, "").toLowerCase()) {
    case "optional": {
      const values = recurse(inner);
      return values && [...values.slice(0, 3), "None"];
    }
    case "union":
      return recurse(parts.join("|"));
    case "literal":
      return parts;
    case "callable":
      return VALUES.function;
    case "list":
    case "sequence":
    case "iterable":
    case "collection":
    case "mutablesequence": {
      if (parts[0] === "int") return VALUES.numbers;
      if (parts[0] === "str") return VALUES.strings;
      const [one, two] = recurse(inner) ?? [];
      return one === undefined
        ? undefined
        : [`[${[one, two].filter((value) => value !== undefined).join(", ")}]`, "[]"];
    }
    case "set":
    case "frozenset":
    case "abstractset": {
      const one = first(parts[0]);
      return one === undefined ? undefined : [`{${one}}`, "set()"];
    }
    case "dict":
    case "mapping":
    case "mutablemapping":
    case "defaultdict": {
      const [key, value] = parts.map(first);
      return key === undefined || value === undefined ? undefined : [`{${key}: ${value}}`, "{}"];
    }
    case "tuple": {
      if (parts[1] === "...") {
        const one = first(parts[0]);
        return one === undefined ? undefined : [`(${one}, ${one})`, "()"];
      }
      const members = parts.map(first);
      if (members.includes(undefined)) return undefined;
      return [`(${members.join(", ")}${members.length === 1 ? "," : ""})`];
    }
    default:
      return undefined;
  }
}

function valuesByDefault(source: string): readonly string[] | undefined {
  if (/^-?\d+$/.test(source)) return VALUES.number;
  if (/^-?\d*\.\d/.test(source)) return FLOATS;
  if (/^[bruf]?["']/i.test(source)) return VALUES.string;
  if (/^(?:True|False)$/.test(source)) return VALUES.boolean;
  if (source.startsWith("[")) return VALUES.numbers;
  if (source.startsWith("{")) return VALUES.object;
  if (source.startsWith("(")) return [source];
  return undefined;
}

/** What the body does with a parameter: `text.split(…)` works on a string, `for x in xs` on a list. */
function shapeByUse(name: string, body: string): Shape | undefined {
  const uses = (pattern: string) => new RegExp(pattern.replaceAll("NAME", `(?<![\\w.])${name}`)).test(body);
  if (
    uses(
      "NAME\\.(?:split|strip|lstrip|rstrip|upper|lower|title|capitalize|replace|startswith|endswith|encode|isdigit|isalpha|isalnum|casefold|join|format|splitlines|zfill|find|partition)\\b",
    )
  )
    return "string";
  if (uses("NAME\\.(?:append|extend|pop|sort|insert|reverse|remove)\\b")) return "numbers";
  if (uses("NAME\\.(?:items|keys|values|get|setdefault|update)\\b")) return "object";
  if (uses("NAME\\[[\"']")) return "object";
  if (uses("\\bin\\s+(?:enumerate\\(|reversed\\(|sorted\\()?NAME\\b(?!\\.)")) return "numbers";
  if (uses("\\b(?:len|sum|max|min|sorted|enumerate|reversed)\\(NAME\\s*[,)]") || uses("NAME\\["))
    return "numbers";
  if (uses("\\brange\\(NAME\\b")) return "number";
  if (uses("NAME\\(")) return "function";
  return undefined;
}

const PYTHON: InputLanguage = {
  values: VALUES,
  byType: valuesByType,
  byDefault: valuesByDefault,
  byPattern: () => undefined,
  byUse: shapeByUse,
};

/**
 * Suggests up to four argument lists as Python source: ordinary ones first, then edge cases, and one that leaves
 * defaults to the function.
 * @param body the source of the function, whose use of a parameter tells more than its name.
 */
export function suggestPythonInputs(parameters: readonly PythonParameter[], body: string): string[] {
  if (parameters.length === 0) return [""];
  const choices = parameters.map((parameter, position): readonly string[] => {
    if (parameter.name.startsWith("**")) return [""];
    if (parameter.name.startsWith("*")) {
      const element = parameter.type === undefined ? {} : { type: parameter.type };
      const single = valuesFor(PYTHON, { name: parameter.name.slice(1), ...element }, 0, "");
      const values = single === VALUES.numbers ? VALUES.number : single;
      return [values.slice(0, 3).join(", "), values[0] ?? "", ""];
    }
    const values = valuesFor(PYTHON, parameter, position, body);
    return parameter.keywordOnly ? values.map((value) => `${parameter.name}=${value}`) : values;
  });
  const optional = (parameter: PythonParameter) =>
    parameter.defaultValue !== undefined || parameter.name.startsWith("*");
  const firstOptional = parameters.findIndex(optional);
  // A keyword that must be passed may stand behind a default.
  const omit = firstOptional >= 0 && parameters.slice(firstOptional).every(optional);
  return argumentLists(choices, omit ? firstOptional : undefined).map((list) =>
    list
      .split(", ")
      .filter((part) => part !== "")
      .join(", "),
  );
}
