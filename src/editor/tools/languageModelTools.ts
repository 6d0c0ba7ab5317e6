/** The same tools for other agents: each with its schema, what they are asked to confirm, and errors they can read. */

import * as vscode from "vscode";
import { callTool, type ToolContext, type ToolInput } from "../../core/tools/tool.js";
import { toolNamed } from "../../core/tools/toolbox.js";
import { GlassboxError } from "../../shared/errors.js";

const LONGEST_PREVIEW = 2000;

/**
 * Answers one call of an agent.
 * @throws Error whose message is for the agent, `CancellationError` where it gave up.
 */
export async function invokeForAgent(
  name: string,
  input: unknown,
  context: ToolContext,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const tool = toolNamed(name);
  if (!tool) throw new Error(`There is no tool "${name}".`);
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  const listener = token.onCancellationRequested(() => abort.abort());
  try {
    const result = await callTool(tool, input, context, abort.signal);
    // The API hands the message of an error to the model.
    if (!result.ok && result.quotes !== true) throw new Error(result.text);
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(result.text)]);
  } catch (error) {
    if (GlassboxError.from(error).code === "cancelled") throw new vscode.CancellationError();
    throw error;
  } finally {
    listener.dispose();
  }
}

/** What the editor shows while a tool runs; running code has to be confirmed first, with the code in sight. */
export function invocationOf(name: string, input: ToolInput): vscode.PreparedToolInvocation {
  const title = toolNamed(name)?.title ?? name;
  if (name !== "run_code") return { invocationMessage: vscode.l10n.t("Glassbox: {0}", title) };
  const code = typeof input.code === "string" ? input.code : "";
  const shown = code.length > LONGEST_PREVIEW ? `${code.slice(0, LONGEST_PREVIEW)}\n…` : code;
  const message = new vscode.MarkdownString(
    vscode.l10n.t(
      "It runs in a sandbox without files, network or timers, and ends at the limits of the settings.",
    ),
  );
  message.appendCodeblock(shown, typeof input.language === "string" ? input.language.replace(/\W/g, "") : "");
  return {
    invocationMessage: vscode.l10n.t("Running code in the Glassbox sandbox"),
    confirmationMessages: { title: vscode.l10n.t("Run this code in the Glassbox sandbox?"), message },
  };
}
