/** What a tool is: a name, a schema, and a run whose result says one thing to the model and one to people. */

import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import type { CodeRun } from "../../shared/workerProtocol.js";

/** The few words of JSON Schema that our tools need. */
export interface PropertySchema {
  type: "string" | "integer" | "boolean";
  description: string;
  enum?: readonly string[];
  /** Of integers. */
  minimum?: number;
  /** UTF-16 units of strings. */
  maxLength?: number;
}

export interface JsonSchema {
  type: "object";
  properties: Readonly<Record<string, PropertySchema>>;
  required: readonly string[];
  additionalProperties: false;
}

export type ToolInput = Readonly<Record<string, string | number | boolean>>;

export interface ToolResult {
  ok: boolean;
  /** What the model reads. */
  text: string;
  /** One line for people. */
  evidence: string;
  /** The bare result, such as `1119477` or `9.11 < 9.9`, against which words can be checked. */
  value?: string;
  /** Whether the text quotes files, messages or output: words of somebody else, which are never instructions. */
  quotes?: boolean;
  /** Files that were found, which a later call may read. */
  paths?: readonly string[];
}

export interface TokenCount {
  count: number;
  /** The tokenizer's name as people read it. */
  tokenizer: string;
  /** Why the count is approximate; undefined where it is exact. */
  approximation?: string | undefined;
}

export interface Diagnostic {
  path: string;
  /** 1-based. */
  line: number;
  severity: "error" | "warning" | "information" | "hint";
  message: string;
  /** Which extension or compiler says so. */
  source: string;
}

export interface SearchHit {
  path: string;
  /** 1-based. */
  line: number;
  text: string;
}

/** What tools may reach; each power is left out where it is not given, and the tool then says so. */
export interface ToolContext {
  /** Told of every call, before it is made. */
  onCall?(tool: string): void;
  runCode?(code: string, languageId: string, signal: AbortSignal): Promise<CodeRun>;
  /** `tokenizer` is a name such as `cl100k_base` or `model`; left out, it is the reader's own choice. */
  countTokens?(text: string, tokenizer: string | undefined, signal: AbortSignal): Promise<TokenCount>;
  /** Of one file by its path in the workspace, or of all. */
  diagnostics?(path: string | undefined): Promise<Diagnostic[]>;
  /** The lines that hold the text, at most `most` of them. */
  search?(
    query: { text: string; caseSensitive: boolean; most: number },
    signal: AbortSignal,
  ): Promise<{ hits: SearchHit[]; files: number; more: boolean }>;
  /** The text of a file of the workspace. Throws where it lies outside, is no text, or is too large. */
  readFile?(path: string, signal: AbortSignal): Promise<string>;
}

export interface Tool {
  name: string;
  /** For people. */
  title: string;
  /** For models: what it does and when to use it. */
  description: string;
  schema: JsonSchema;
  run(input: ToolInput, context: ToolContext, signal: AbortSignal): Promise<ToolResult>;
}

/**
 * Checks an input and runs the tool on it. What goes wrong is a result that a model can read and mend; only
 * cancelling is thrown.
 */
export async function callTool(
  tool: Tool,
  input: unknown,
  context: ToolContext,
  signal: AbortSignal,
): Promise<ToolResult> {
  throwIfCancelled(signal);
  context.onCall?.(tool.name);
  try {
    return await tool.run(checkedInput(tool, input), context, signal);
  } catch (error) {
    throwIfCancelled(signal);
    const { code, message, remedy } = GlassboxError.from(error);
    if (code === "cancelled") throw error;
    return {
      ok: false,
      text: `Error in ${tool.name}: ${message}${remedy === undefined ? "" : ` ${remedy}`}`,
      evidence: message,
    };
  }
}

/** @throws GlassboxError `invalid-request` that names the field, what was found and what is wanted. */
function checkedInput({ name, schema }: Tool, input: unknown): ToolInput {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw wrong(`${name} takes an object, got ${describe(input)}.`);
  }
  const found = new Map(Object.entries(input));
  for (const key of schema.required) {
    if (!found.has(key)) throw wrong(`"${key}" is missing. ${schema.properties[key]?.description ?? ""}`);
  }
  for (const [key, value] of found) {
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (!property) {
      throw wrong(`There is no "${key}". There are: ${Object.keys(schema.properties).join(", ")}.`);
    }
    checkProperty(key, value, property);
  }
  return Object.fromEntries(found) as ToolInput;
}

function checkProperty(key: string, value: unknown, property: PropertySchema): void {
  const type = property.type === "integer" ? "number" : property.type;
  const fits = typeof value === type && (property.type !== "integer" || Number.isSafeInteger(value));
  if (!fits) throw wrong(`"${key}" must be of type ${property.type}, got ${describe(value)}.`);
  if (typeof value === "number" && value < (property.minimum ?? Number.NEGATIVE_INFINITY)) {
    throw wrong(`"${key}" must be at least ${property.minimum}, got ${value}.`);
  }
  if (typeof value !== "string") return;
  if (property.enum && !property.enum.includes(value)) {
    throw wrong(`"${key}" must be one of ${property.enum.join(", ")}; got ${describe(value)}.`);
  }
  if (property.maxLength !== undefined && value.length > property.maxLength) {
    throw wrong(`"${key}" may have ${property.maxLength} characters, got ${value.length}.`);
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)} …` : text;
}

function wrong(message: string): GlassboxError {
  return new GlassboxError("invalid-request", message.trim());
}

/** @throws GlassboxError where a power was not given. */
export function given<T>(power: T | undefined, what: string): T {
  if (power === undefined) throw new GlassboxError("unsupported", `${what} is not allowed here.`);
  return power;
}

/** Cuts a text for a model, and says so. */
export function cutForModel(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}\n… (cut; ${text.length} characters in all)`;
}

/** 1 token, 3 tokens. */
export function counted(count: number | bigint, noun: string): string {
  return `${count} ${noun}${count === 1 || count === 1n ? "" : "s"}`;
}
