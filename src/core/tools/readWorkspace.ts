/** The tools that read the workspace: diagnostics, search, and files. What they quote is data of somebody else. */

import { t } from "../../shared/l10n.js";
import { counted, cutForModel, given, type Tool } from "./tool.js";

const MOST_DIAGNOSTICS = 50;
const MOST_HITS = 50;
const LONGEST_LINE = 200;
const LONGEST_READ = 20_000;

const path = {
  type: "string",
  description: "The file's path in the workspace, such as src/app.ts.",
  maxLength: 1000,
} as const;

export const readDiagnostics: Tool = {
  name: "read_diagnostics",
  title: t("Read diagnostics"),
  description:
    "Lists the errors and warnings that compilers and linters report in the editor, of one file or of all. Use it for " +
    "questions about what is wrong with the code.",
  schema: { type: "object", properties: { path }, required: [], additionalProperties: false },
  async run(input, context) {
    const of = input.path === undefined ? undefined : String(input.path);
    const found = await given(context.diagnostics?.bind(context), "Reading diagnostics")(of);
    const said = `${counted(found.length, "diagnostic")} in ${of ?? "the workspace"}`;
    const lines = found
      .slice(0, MOST_DIAGNOSTICS)
      .map(({ path: file, line, severity, message, source }) =>
        cut(`${file}:${line}: ${severity}: ${message}${source === "" ? "" : ` (${source})`}`),
      );
    const rest = found.length - lines.length;
    return {
      ok: true,
      text: [`${said}.`, ...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n"),
      evidence: foundIn(found.length, of),
      value: `${found.length}`,
      quotes: true,
    };
  },
};

export const searchWorkspace: Tool = {
  name: "search_workspace",
  title: t("Search the workspace"),
  description:
    "Finds the lines of the workspace's files that contain a text. Files that files.exclude or .gitignore leave out are " +
    "not searched. Use it to find where something is declared or used.",
  schema: {
    type: "object",
    properties: {
      query: { type: "string", description: "The very text to find; no pattern.", maxLength: 500 },
      case_sensitive: { type: "boolean", description: "Whether R and r differ. false unless told." },
    },
    required: ["query"],
    additionalProperties: false,
  },
  async run(input, context, signal) {
    const text = String(input.query);
    const search = given(context.search?.bind(context), "Searching the workspace");
    const { hits, files, more } = await search(
      { text, caseSensitive: input.case_sensitive === true, most: MOST_HITS },
      signal,
    );
    const count = more ? `More than ${hits.length} lines` : counted(hits.length, "line");
    const said = `${count} with ${JSON.stringify(text)} in ${counted(files, "file")} searched`;
    return {
      ok: true,
      text: [`${said}.`, ...hits.map((hit) => cut(`${hit.path}:${hit.line}: ${hit.text.trim()}`))].join("\n"),
      evidence: linesWith(JSON.stringify(text), hits.length, more, files),
      ...(more ? {} : { value: `${hits.length}` }),
      quotes: true,
      paths: [...new Set(hits.map((hit) => hit.path))],
    };
  },
};

export const readFile: Tool = {
  name: "read_file",
  title: t("Read a file"),
  description: "Reads lines of a text file of the workspace. Files outside of it cannot be read.",
  schema: {
    type: "object",
    properties: {
      path,
      first_line: { type: "integer", description: "Counted from 1; 1 unless told.", minimum: 1 },
      last_line: { type: "integer", description: "The last line unless told.", minimum: 1 },
    },
    required: ["path"],
    additionalProperties: false,
  },
  async run(input, context, signal) {
    const file = String(input.path);
    const lines = (await given(context.readFile?.bind(context), "Reading files")(file, signal)).split(
      /\r\n?|\n/,
    );
    const first = Number(input.first_line ?? 1);
    const last = Math.min(lines.length, Number(input.last_line ?? lines.length));
    if (first > last) {
      return {
        ok: false,
        text: `Error in read_file: ${file} has ${counted(lines.length, "line")}; there are no lines ${first} to ${input.last_line ?? last}.`,
        evidence: lines.length === 1 ? t("{0} has 1 line", file) : t("{0} has {1} lines", file, lines.length),
      };
    }
    return {
      ok: true,
      text: cutForModel(lines.slice(first - 1, last).join("\n"), LONGEST_READ),
      evidence:
        first === last
          ? t("{0}, line {1} of {2}", file, first, lines.length)
          : t("{0}, lines {1}–{2} of {3}", file, first, last, lines.length),
      quotes: true,
    };
  },
};

function cut(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)} …`;
}

/** How much was found, for people. @param of a file's path, or the whole workspace. */
function foundIn(count: number, of: string | undefined): string {
  if (of === undefined)
    return count === 1 ? t("1 diagnostic in the workspace") : t("{0} diagnostics in the workspace", count);
  return count === 1 ? t("1 diagnostic in {0}", of) : t("{0} diagnostics in {1}", count, of);
}

/** How many lines hold a text, for people. @param more whether there are more of them. */
function linesWith(text: string, lines: number, more: boolean, files: number): string {
  const shown = {
    text,
    lines,
    searched: files === 1 ? t("1 file searched") : t("{0} files searched", files),
  };
  if (more) return t("More than {lines} lines with {text} in {searched}", shown);
  return lines === 1
    ? t("1 line with {text} in {searched}", shown)
    : t("{lines} lines with {text} in {searched}", shown);
}
