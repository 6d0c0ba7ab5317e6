/** What tools may reach inside of the editor: the sandbox, the tokenizers, diagnostics, and the workspace's files. */

import * as vscode from "vscode";
import type { Diagnostic, SearchHit, TokenCount, ToolContext } from "../../core/tools/tool.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import type { Caller } from "../../shared/rpc.js";
import type { CodeRun, SandboxProtocol } from "../../shared/workerProtocol.js";
import { Slices } from "../budget/slices.js";
import { WorkspaceFiles } from "../budget/workspaceFiles.js";
import { tokensOf } from "../compare/countTokens.js";
import { sandboxLimits } from "../sandboxLimits.js";
import { approximation, chosenTokenizer, type Tokenizers } from "../tokenizers.js";
import { textOfFile, workspaceFile } from "./workspacePaths.js";

/** Files that one search looks into at most, and how large they may be. */
const MOST_FILES = 20_000;
const LARGEST_SEARCHED = 1024 * 1024;

const SEVERITIES = {
  [vscode.DiagnosticSeverity.Error]: "error",
  [vscode.DiagnosticSeverity.Warning]: "warning",
  [vscode.DiagnosticSeverity.Information]: "information",
  [vscode.DiagnosticSeverity.Hint]: "hint",
} as const;

export class WorkspaceTools {
  readonly #tokenizers: Tokenizers;
  readonly #sandbox: Caller<SandboxProtocol>;
  readonly #onCall: ((tool: string) => void) | undefined;

  /** @param onCall is told of every call of a tool. */
  constructor(tokenizers: Tokenizers, sandbox: Caller<SandboxProtocol>, onCall?: (tool: string) => void) {
    this.#tokenizers = tokenizers;
    this.#sandbox = sandbox;
    this.#onCall = onCall;
  }

  /** @param allowCode whether the reader allowed to run code; a workspace that is not trusted overrules it. */
  context(allowCode: boolean): ToolContext {
    return {
      ...(this.#onCall ? { onCall: this.#onCall } : {}),
      ...(allowCode ? { runCode: (code, languageId, signal) => this.#run(code, languageId, signal) } : {}),
      countTokens: (text, tokenizer, signal) => this.#count(text, tokenizer, signal),
      diagnostics: (path) => diagnosticsOf(path),
      search: ({ text, caseSensitive, most }, signal) => search(text, caseSensitive, most, signal),
      readFile: async (path) => {
        const text = await textOfFile(await workspaceFile(path), path);
        if (text !== undefined) return text;
        throw new GlassboxError("unsupported", `"${path}" is not a text file.`);
      },
    };
  }

  async #run(code: string, languageId: string, signal: AbortSignal): Promise<CodeRun> {
    if (!vscode.workspace.isTrusted) {
      throw new GlassboxError("sandbox", "Code is run only in a trusted workspace.");
    }
    return this.#sandbox.call("runCode", { code, languageId, limits: sandboxLimits() }, { signal });
  }

  async #count(text: string, named: string | undefined, signal: AbortSignal): Promise<TokenCount> {
    // A model's words must not choose a file to read.
    if (named !== undefined && /^(?:file|gguf):/i.test(named)) {
      throw new GlassboxError(
        "invalid-request",
        "Tokenizers of files are chosen in the settings; name an encoding, a model, or none.",
      );
    }
    const name = named ?? chosenTokenizer();
    const tokenizer = await this.#tokenizers.get(name);
    const tokens = await tokensOf(tokenizer, text, signal);
    return { count: tokens.length, tokenizer: tokenizer.name, approximation: approximation(name, tokenizer) };
  }
}

async function diagnosticsOf(path: string | undefined): Promise<Diagnostic[]> {
  const of =
    path === undefined
      ? vscode.languages.getDiagnostics().filter(([uri]) => vscode.workspace.getWorkspaceFolder(uri))
      : await workspaceFile(path).then((uri): [vscode.Uri, vscode.Diagnostic[]][] => [
          [uri, vscode.languages.getDiagnostics(uri)],
        ]);
  return of.flatMap(([uri, found]) =>
    found.map(({ range, severity, message, source }) => ({
      path: vscode.workspace.asRelativePath(uri),
      line: range.start.line + 1,
      severity: SEVERITIES[severity],
      message,
      source: source ?? "",
    })),
  );
}

async function search(
  text: string,
  caseSensitive: boolean,
  most: number,
  signal: AbortSignal,
): Promise<{ hits: SearchHit[]; files: number; more: boolean }> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    throw new GlassboxError("invalid-request", "No folder is open, so there is nothing to search.");
  }
  if (text === "") throw new GlassboxError("invalid-request", "There is nothing to look for.");
  const fold = (line: string) => (caseSensitive ? line : line.toLowerCase());
  const wanted = fold(text);
  const hits: SearchHit[] = [];
  const slices = new Slices();
  let files = 0;
  for (const folder of folders) {
    for await (const { uri, link } of new WorkspaceFiles(folder).all(signal)) {
      throwIfCancelled(signal);
      // A link may lead out of the workspace; what it leads to inside is found by its own name.
      if (link) continue;
      if (files >= MOST_FILES) return { hits, files, more: true };
      const content = await searchable(uri);
      if (content === undefined) continue;
      files++;
      await slices.breatheIfOver();
      // Most files do not hold it at all.
      if (!fold(content).includes(wanted)) continue;
      const path = vscode.workspace.asRelativePath(uri);
      for (const [index, line] of content.split(/\r\n?|\n/).entries()) {
        if (!fold(line).includes(wanted)) continue;
        if (hits.length >= most) return { hits, files, more: true };
        hits.push({ path, line: index + 1, text: line });
      }
    }
  }
  throwIfCancelled(signal);
  return { hits, files, more: false };
}

/** The text of a file that is neither binary nor too large; undefined for the others, and for what has gone. */
async function searchable(uri: vscode.Uri): Promise<string | undefined> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size > LARGEST_SEARCHED ? undefined : await textOfFile(uri, uri.path);
  } catch (error) {
    if (error instanceof vscode.FileSystemError || error instanceof GlassboxError) return undefined;
    throw error;
  }
}
