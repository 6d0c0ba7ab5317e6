/** What lessons ask the host for beside answers: the loaded model's file, its chat template, the workspace's text. */

import * as vscode from "vscode";
import { textOfTokens } from "../../core/explain/textOfTokens.js";
import { readGgufHeaderInSteps } from "../../core/lens/gguf/readGguf.js";
import { modelFacts } from "../../core/lessons/modelFacts.js";
import { GlassboxError } from "../../shared/errors.js";
import type {
  DialogTurn,
  ModelFacts,
  Passage,
  TemplatedChat,
  TryFunction,
  WriteRequest,
  Written,
} from "../../shared/panels/lesson.js";
import type { Caller, HandlerContext } from "../../shared/rpc.js";
import type { FunctionRun, GeneratedToken, SandboxProtocol } from "../../shared/workerProtocol.js";
import { openModelFile } from "../../workers/modelFile.js";
import { Slices } from "../budget/slices.js";
import type { ModelService } from "../models.js";
import { sandboxLimits } from "../sandboxLimits.js";

const READ = "**/*.{md,txt,rst,ts,tsx,js,mjs,py,java,go,rs,c,h,cpp,cs,rb,php,sql,html,css,yaml,toml}";
const NOT_READ = "**/{node_modules,dist,out,build,.git,target,vendor}/**";
const MOST_FILES = 80;
/** What `findFiles` takes to find the files that lessons read. */
export const READ_BY_LESSONS = [READ, NOT_READ, MOST_FILES] as const;
const MOST_BYTES = 100_000;
const MOST_PASSAGES = 1500;
/** Lines of a passage: enough to make sense alone. */
const PASSAGE_LINES = 12;
const LONGEST_PASSAGE = 900;

/** What the file of the active model holds; loads the model where that is still to be done. */
export async function readModelFacts(models: ModelService, signal: AbortSignal): Promise<ModelFacts> {
  const info = await models.ready(signal);
  const { totalMemoryBytes } = await models.call("machine", {}, { signal });
  const file = openModelFile(info.path);
  try {
    const steps = readGgufHeaderInSteps(file);
    const slices = new Slices();
    for (;;) {
      const step = steps.next();
      if (step.done) return modelFacts(info, step.value, totalMemoryBytes);
      await slices.breatheIfOver();
    }
  } finally {
    file.close();
  }
}

/** A chat as the active model's own template writes it, each token with whose words it is. */
export async function templatedChat(
  models: ModelService,
  turns: readonly DialogTurn[],
  signal: AbortSignal,
): Promise<TemplatedChat> {
  const info = await models.ready(signal);
  const messages = turns.map(({ role, text }) => ({ role, content: text }));
  const { text, tokens } = await models.call("renderChat", { messages }, { signal });
  const roles: TemplatedChat["roles"] = tokens.map(() => "template");
  let from = 0;
  for (const turn of turns) {
    // Templates trim what they are given.
    const words = turn.text.trim();
    const start = words === "" ? -1 : text.indexOf(words, from);
    if (start < 0) continue;
    from = start + words.length;
    for (const [at, token] of tokens.entries()) {
      if (!token.special && token.end > token.start && token.end > start && token.start < from)
        roles[at] = turn.role;
    }
  }
  return {
    tokens: tokens.map(({ id, bytes, name, special }) => ({ id, bytes, name, special })),
    roles,
    model: info.name,
  };
}

/** A model that can be made ready and asked. */
export type Writer = Pick<ModelService, "ready" | "call">;

/** Tokens that one request of a lesson may write at most, and runs of a function. */
const MOST_WRITTEN = 400;
const MOST_RUNS = 20;

/**
 * Lets the active model write. A chat goes through its template; a model without one is given the turns as plain text,
 * one below the other.
 */
export async function write(
  models: Writer,
  request: WriteRequest,
  { signal, emit }: HandlerContext<GeneratedToken>,
): Promise<Written> {
  const { prompt, temperature, seed, stopTexts, grammar } = request;
  const begun = performance.now();
  const { name, chat } = await models.ready(signal);
  const messages =
    typeof prompt === "string" ? undefined : prompt.map(({ role, text }) => ({ role, content: text }));
  const plain = typeof prompt === "string" ? prompt : prompt.map(({ text }) => text).join("\n");
  const { text: sent, tokens: sentTokens } =
    messages && chat
      ? await models.call("renderChat", { messages }, { signal })
      : { text: plain, tokens: await models.call("tokenize", { text: plain, bos: true }, { signal }) };
  const tokens: GeneratedToken[] = [];
  const { stop } = await models.call(
    "generate",
    {
      tokenIds: sentTokens.map(({ id }) => id),
      maxTokens: Math.min(MOST_WRITTEN, request.maxTokens),
      sampling: { temperature, topK: 40, topP: 0.95, minP: 0.05 },
      seed,
      stopTexts,
      ...(grammar === undefined ? {} : { grammar }),
    },
    {
      signal,
      onEvent: (token) => {
        tokens.push(token);
        emit(token);
      },
    },
  );
  const whole = textOfTokens(tokens.map(({ token }) => token));
  const ends = stopTexts.map((ending) => whole.indexOf(ending)).filter((at) => at >= 0);
  return {
    text: ends.length > 0 ? whole.slice(0, Math.min(...ends)) : whole,
    tokens,
    sent,
    sentTokens: sentTokens.length,
    stop,
    ms: performance.now() - begun,
    model: name,
  };
}

/** Runs what the model or the reader wrote, in the sandbox and within the limits of the settings. */
export async function tryFunction(
  sandbox: Caller<SandboxProtocol>,
  { inputs, ...code }: TryFunction,
  signal: AbortSignal,
): Promise<FunctionRun[]> {
  if (!vscode.workspace.isTrusted) {
    throw new GlassboxError(
      "sandbox",
      vscode.l10n.t("This workspace is not trusted, so no code is run in it, not even in the sandbox."),
      vscode.l10n.t("Run Workspaces: Manage Workspace Trust, or open a folder that you trust."),
    );
  }
  return sandbox.call(
    "runFunction",
    { ...code, inputs: inputs.slice(0, MOST_RUNS), limits: sandboxLimits() },
    { signal },
  );
}

/** The files of the workspace cut into passages of a few lines. */
export async function workspacePassages(
  signal: AbortSignal,
): Promise<{ passages: Passage[]; files: number }> {
  const uris = await vscode.workspace.findFiles(...READ_BY_LESSONS);
  const passages: Passage[] = [];
  const slices = new Slices();
  let files = 0;
  for (const uri of uris.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (signal.aborted || passages.length >= MOST_PASSAGES) break;
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MOST_BYTES) continue;
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    if (text.includes("\0")) continue;
    files++;
    const name = vscode.workspace.asRelativePath(uri, false);
    const lines = text.split(/\r?\n/);
    for (let line = 0; line < lines.length; line += PASSAGE_LINES) {
      const content = lines
        .slice(line, line + PASSAGE_LINES)
        .join("\n")
        .slice(0, LONGEST_PASSAGE);
      if (content.trim() !== "") passages.push({ id: `${name}:${line + 1}`, text: content });
      await slices.breatheIfOver();
    }
  }
  return { passages: passages.slice(0, MOST_PASSAGES), files };
}
