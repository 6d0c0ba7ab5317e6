/** Reads YAML into typed values by a schema, and says for each fault in which line it is. */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { t } from "../../shared/l10n.js";
import type { Inline } from "../../shared/panels/lesson.js";

/** A fault in a lesson; lines count from 1. */
export interface Issue {
  line: number;
  message: string;
}

export interface ReadContext {
  issues: Issue[];
  lineOf(node: Node): number;
  /** Reads a line of Markdown; faults are reported at `line`. */
  inline(text: string, line: number): Inline[];
}

export interface Schema<T> {
  /** What it takes, in words: "a whole number from 1 to 60". */
  expects: string;
  /** The value, or undefined after an issue has been reported. `at` names the field: "options 2, why". */
  read(node: Node, at: string, context: ReadContext): T | undefined;
  /** What a missing field means; without it the field is required. */
  fallback?: { value: T };
}

export type Infer<S> = S extends Schema<infer T> ? T : never;

type Fields = Record<string, Schema<unknown>>;
type ValueOf<F extends Fields> = { [K in keyof F]: Infer<F[K]> };

/** How a value that was found is named in a message. */
function describe(node: Node): string {
  if (isMap(node)) return t("a mapping");
  if (isSeq(node)) return t("a list");
  if (isAlias(node)) return t("an alias");
  if (isScalar(node)) {
    if (node.value === null) return t("nothing");
    if (typeof node.value === "string") {
      const short = node.value.length > 40 ? `${node.value.slice(0, 39)}…` : node.value;
      return `"${short}"`;
    }
    return String(node.value);
  }
  return t("something else");
}

function scalar<T>(expects: string, accept: (value: unknown) => T | undefined): Schema<T> {
  return {
    expects,
    read(node, at, context) {
      const value = isScalar(node) ? accept(node.value) : undefined;
      if (value === undefined) {
        context.issues.push({
          line: context.lineOf(node),
          message: t('"{0}" must be {1}, found {2}.', at, expects, describe(node)),
        });
      }
      return value;
    },
  };
}

/** @param maxLength UTF-16 units; an empty text is none. */
export function text(maxLength: number): Schema<string> {
  return scalar(t("text of 1 to {0} characters", maxLength), (value) =>
    typeof value === "string" && value.length > 0 && value.length <= maxLength ? value : undefined,
  );
}

/** Lower-case words joined by hyphens: names of lessons, exhibits and checks. */
export const identifier: Schema<string> = scalar(t("a name of small letters, digits and hyphens"), (value) =>
  typeof value === "string" && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value) && value.length <= 60
    ? value
    : undefined,
);

/** Both bounds are in it. */
export function integer(min: number, max: number): Schema<number> {
  return scalar(t("a whole number from {0} to {1}", min, max), (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
  );
}

export const finiteNumber: Schema<number> = scalar(t("a number"), (value) =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined,
);

export const flag: Schema<boolean> = scalar(t("true or false"), (value) =>
  typeof value === "boolean" ? value : undefined,
);

export function oneOf<const T extends string>(values: readonly T[]): Schema<T> {
  return scalar(t("one of {0}", values.join(", ")), (value) => values.find((known) => known === value));
}

/** A line of Markdown. */
export const markdownLine: Schema<Inline[]> = {
  expects: t("a line of Markdown"),
  read(node, at, context) {
    const source = text(2000).read(node, at, context);
    return source === undefined ? undefined : context.inline(source, context.lineOf(node));
  },
};

/** From `min` to `max` entries of one kind. */
export function list<T>(item: Schema<T>, min: number, max: number): Schema<T[]> {
  const expects = t("a list of {0} to {1}, each {2}", min, max, item.expects);
  return {
    expects,
    read(node, at, context) {
      if (!isSeq(node) || node.items.length < min || node.items.length > max) {
        const found = isSeq(node)
          ? t({ message: "a list of {0}", comment: "of so many entries" }, node.items.length)
          : describe(node);
        context.issues.push({
          line: context.lineOf(node),
          message: t('"{0}" must be {1}, found {2}.', at, expects, found),
        });
        return undefined;
      }
      const values: T[] = [];
      for (const [index, child] of (node.items as Node[]).entries()) {
        const value = item.read(child, `${at} ${index + 1}`, context);
        if (value !== undefined) values.push(value);
      }
      return values.length === node.items.length ? values : undefined;
    },
  };
}

/** A field that may be missing, which is undefined then. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return { ...schema, fallback: { value: undefined } };
}

/** A field that may be missing, which is `value` then. */
export function withDefault<T>(schema: Schema<T>, value: T): Schema<T> {
  return { ...schema, fallback: { value } };
}

/** A mapping with exactly these fields; a field that is not known is a fault, so that a slip is not lost. */
export function shape<F extends Fields>(fields: F): Schema<ValueOf<F>> {
  return {
    expects: t("a mapping"),
    read(node, at, context) {
      const prefix = at === "" ? "" : `${at}, `;
      if (!isMap(node)) {
        context.issues.push({
          line: context.lineOf(node),
          message:
            at === ""
              ? t("The block must be a mapping of fields, found {0}.", describe(node))
              : t('"{0}" must be a mapping of fields, found {1}.', at, describe(node)),
        });
        return undefined;
      }
      const before = context.issues.length;
      const found = new Map<string, Node>();
      for (const pair of node.items) {
        const key = pair.key as Node;
        const name = isScalar(key) ? String(key.value) : describe(key);
        if (!Object.hasOwn(fields, name)) {
          context.issues.push({
            line: context.lineOf(key),
            message: t(
              'Unknown field "{0}". Known here: {1}.',
              `${prefix}${name}`,
              Object.keys(fields).join(", "),
            ),
          });
        } else if (pair.value) found.set(name, pair.value as Node);
      }
      const values: Record<string, unknown> = {};
      for (const [name, schema] of Object.entries(fields)) {
        const child = found.get(name);
        if (child) values[name] = schema.read(child, `${prefix}${name}`, context);
        else if (schema.fallback) values[name] = schema.fallback.value;
        else {
          context.issues.push({
            line: context.lineOf(node),
            message: t('The field "{0}" is missing: {1}.', `${prefix}${name}`, schema.expects),
          });
        }
      }
      return context.issues.length === before ? (values as ValueOf<F>) : undefined;
    },
  };
}

/** A mapping of names of one's own to texts and numbers. */
export const dictionary: Schema<Record<string, string | number>> = {
  expects: t("a mapping of names to texts and numbers"),
  read(node, at, context) {
    const entries: [string, string | number][] = [];
    for (const { key, value } of isMap(node) ? node.items : []) {
      const found = isScalar(value) ? value.value : undefined;
      if (isScalar(key) && (typeof found === "string" || typeof found === "number")) {
        entries.push([String(key.value), found]);
      }
    }
    if (isMap(node) && entries.length === node.items.length && entries.length <= 10) {
      return Object.fromEntries(entries);
    }
    context.issues.push({
      line: context.lineOf(node),
      message: t(
        '"{0}" must be a mapping of up to 10 names to texts and numbers, found {1}.',
        at,
        describe(node),
      ),
    });
    return undefined;
  },
};

/** The scalar under a key of a mapping, read ahead of the whole to learn which shape applies. */
export function peek(node: Node | null, key: string): string | undefined {
  if (!isMap(node)) return undefined;
  const value = node.get(key);
  return typeof value === "string" ? value : undefined;
}

export interface YamlBlock {
  node: Node | null;
  lineOf(node: Node): number;
}

/**
 * Parses YAML that begins in `firstLine` of a file. Anchors, aliases and tags are refused: a lesson needs none of
 * them, and an alias can make a small file huge.
 * @returns undefined after issues have been reported.
 */
export function parseYaml(source: string, firstLine: number, issues: Issue[]): YamlBlock | undefined {
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, schema: "core", prettyErrors: false });
  const lineAt = (offset: number) => firstLine + Math.max(counter.linePos(offset).line, 1) - 1;
  const faults = [...document.errors, ...document.warnings];
  for (const fault of faults) {
    issues.push({ line: lineAt(fault.pos[0]), message: t("Not valid YAML: {0}", fault.message) });
  }
  if (faults.length > 0) return undefined;
  return {
    node: document.contents as Node | null,
    lineOf: (node) => lineAt(node.range?.[0] ?? 0),
  };
}

/** Entries of a list that are parsed in one go. */
const ENTRIES_A_STEP = 4;

/** Reads a file that is one list, handing control back after every few entries. @param at names the list. */
export function* entriesInSteps<T>(
  source: string,
  schema: Schema<T[]>,
  at: string,
  issues: Issue[],
  inline: ReadContext["inline"],
): Generator<void, T[], void> {
  const entries: T[] = [];
  const lines = source.split(/\r\n|\n|\r/);
  // Each entry begins with its dash at the margin; what stands before the first goes with it.
  const starts = lines.flatMap((line, number) => (line.startsWith("- ") ? [number] : []));
  for (let entry = 0; entry < Math.max(1, starts.length); entry += ENTRIES_A_STEP) {
    const from = entry === 0 ? 0 : (starts[entry] ?? 0);
    const text = lines.slice(from, starts[entry + ENTRIES_A_STEP]).join("\n");
    const yaml = parseYaml(text, from + 1, issues);
    if (yaml?.node)
      entries.push(...(schema.read(yaml.node, at, { issues, lineOf: yaml.lineOf, inline }) ?? []));
    yield;
  }
  return entries;
}
