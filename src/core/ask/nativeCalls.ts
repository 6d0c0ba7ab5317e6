/**
 * Calls in the form that a model was trained to write them, as its chat template has it: the grammar that lets nothing
 * else through but words, and what is read out of the text that was written.
 */

import type { ModelCall } from "../../shared/panels/ask.js";
import type { CallFormat, ToolDeclaration } from "../../shared/workerProtocol.js";
import { textOfTokens } from "../explain/textOfTokens.js";
import type { PropertySchema, Tool, ToolInput } from "../tools/tool.js";
import { type Argument, literal } from "./toolGrammar.js";

/** What a model wrote where it could call a tool. */
export type WrittenCall =
  /** Words, and no call. */
  | { kind: "words" }
  | { kind: "call"; name: string; input: ToolInput }
  /** It set out to call a tool; the message is for the model as well. */
  | { kind: "malformed"; message: string };

/** Characters of a string that a grammar lets through: a small model does not end one by itself. */
const LONGEST_STRING = 400;
/** Words in place of a call: they are shown, and end the search for facts. */
const LONGEST_WORDS = 160;
const PARTS = [
  `string ::= "\\"" ([^"\\\\\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})){0,${LONGEST_STRING}} "\\""`,
  'integer ::= "-"? [0-9]{1,15}',
  'boolean ::= "true" | "false"',
];

/** What a call to the model wrote, with the names of special tokens, which some templates write calls with. */
export function spelled(call: ModelCall | undefined): string {
  const encoder = new TextEncoder();
  return textOfTokens(
    (call?.tokens ?? []).map(({ token }) =>
      token.special && token.bytes.length === 0 ? { ...token, bytes: encoder.encode(token.name) } : token,
    ),
  ).trim();
}

/** What a template is told of the tools. */
export function declarations(tools: readonly Tool[]): ToolDeclaration[] {
  return tools.map(({ name, description, schema: { type, properties, required } }) => ({
    name,
    description,
    parameters: { type, properties, required },
  }));
}

/**
 * One call of one of the tools, or words. What an argument may be follows the tool's schema; those that are chosen
 * among what is known, such as a file's path, are chosen among that.
 */
export function callGrammar(format: CallFormat, calls: ReadonlyMap<Tool, readonly Argument[]>): string {
  const tools = [...calls];
  const before = format.before.trimStart();
  // What does not begin as a call does is words.
  const first = before === "" ? "[^\\n]" : `[^${inClass(before[0]!)}\\n]`;
  return [
    "root ::= call | words",
    `words ::= ${first} [^\\n]{0,${LONGEST_WORDS}}`,
    `call ::= ${literal(before)} (${tools.map((_, index) => `tool${index}`).join(" | ")}) ${literal(format.after)}`,
    ...tools.flatMap(([tool, chosen], index) => [
      `tool${index} ::= ${literal(tool.name + format.between)} input${index}`,
      `input${index} ::= ${inputRule(tool, chosen)}`,
    ]),
    'colon ::= ":" " "?',
    'comma ::= "," " "?',
    ...PARTS,
  ].join("\n");
}

function inputRule({ schema }: Tool, chosen: readonly Argument[]): string {
  const entry = (name: string) =>
    `${literal(JSON.stringify(name))} colon ${valueRule(schema.properties[name]!, choicesOf(chosen, name))}`;
  const optional = Object.keys(schema.properties).filter((name) => !schema.required.includes(name));
  const required = schema.required.map(entry).join(" comma ");
  if (required === "") return `"{" (${optional.map(entry).join(" | ")})? "}"`;
  return `"{" ${required} ${optional.map((name) => `(comma ${entry(name)})?`).join(" ")} "}"`;
}

/** Paths are not made up: only what the question names, or a tool has found, can be read. */
function choicesOf(chosen: readonly Argument[], name: string): readonly string[] | undefined {
  const argument = chosen.find((each) => each.name === name);
  if (argument?.maxTokens === 0 && argument.value !== undefined) return [argument.value];
  return name === "path" ? argument?.choices : undefined;
}

function valueRule({ type, enum: values }: PropertySchema, choices: readonly string[] | undefined): string {
  const only = values ?? choices;
  if (!only) return type;
  return `(${only.map((value) => literal(JSON.stringify(value))).join(" | ")})`;
}

function inClass(sign: string): string {
  return /[\]\\^-]/.test(sign) ? `\\${sign}` : sign;
}

/** Reads what was written; whatever begins as a call and is none is malformed. */
export function readCall(written: string, format: CallFormat, tools: readonly Tool[]): WrittenCall {
  const text = written.trim();
  const before = format.before.trim();
  const names = tools.map(({ name }) => name);
  // `<tool_call>`, say: what comes behind it is meant to be a call, whatever it is.
  const [sign = ""] = before.split(/\s/, 1);
  const begins =
    sign === ""
      ? names.some((name) => text.startsWith(name))
      : text.startsWith(sign) || (text !== "" && sign.startsWith(text));
  if (!begins) return { kind: "words" };
  if (!text.startsWith(before)) return malformed("it does not begin as a call does", format);
  const rest = text.slice(before.length).trimStart();
  const between = format.between.trim();
  const nameEnd = rest.indexOf(between === "" ? "{" : between);
  if (nameEnd < 0) return malformed(`it breaks off in the tool's name, “${rest.slice(0, 40)}”`, format);
  const name = rest.slice(0, nameEnd).trim();
  if (!names.includes(name)) {
    return malformed(`there is no tool “${name.slice(0, 40)}”; there are ${names.join(", ")}`, format);
  }
  const json = withoutEnd(rest.slice(nameEnd + between.length), format.after.trim());
  try {
    const input: unknown = JSON.parse(json);
    return isInput(input)
      ? { kind: "call", name, input }
      : malformed("its arguments are no object of texts, numbers, true and false", format);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return malformed(`its arguments are no JSON (${error.message})`, format);
  }
}

function isInput(value: unknown): value is ToolInput {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => ["string", "number", "boolean"].includes(typeof each))
  );
}

function withoutEnd(text: string, end: string): string {
  const trimmed = text.trim();
  return end !== "" && trimmed.endsWith(end) ? trimmed.slice(0, -end.length) : trimmed;
}

function malformed(reason: string, { before, between, after }: CallFormat): WrittenCall {
  const form = `${before}NAME${between}{…}${after}`.trim();
  return { kind: "malformed", message: `The call cannot be read: ${reason}. A call has the form ${form}` };
}

/** What the arguments of a call mean: the selection where they name it, the program behind the selected code. */
export function meantInput(input: ToolInput, wanted: readonly Argument[]): ToolInput {
  const meant: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(input)) {
    const argument = wanted.find((each) => each.name === name);
    const read = argument && typeof value === "string" ? argument.read(value) : value;
    if (read !== undefined) meant[name] = read;
  }
  return meant;
}
