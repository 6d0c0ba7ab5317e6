/** What the editor knows of steps before the model speaks: types from hovers, and diagnostics in their lines. */

import * as vscode from "vscode";
import { hoverSignature, namesIn } from "../../core/explain/languageNames.js";
import { throwIfCancelled } from "../../shared/errors.js";
import type { Fact } from "../../shared/panels/explain.js";
import type { ExplanationStep } from "../../shared/types.js";

/** A language server that is still starting is not waited for longer than this, all questions together. */
const TIME_MS = 1500;
const NAMES_OF_A_STEP = 3;
const DIAGNOSTICS_OF_A_STEP = 2;
/** Questions that are put to the language server at once. */
const AT_ONCE = 4;

export interface StepInDocument {
  step: ExplanationStep;
  /** Where it stands now; 0-based, inclusive. */
  lines: { first: number; last: number };
}

/** The facts about steps: diagnostics at once, types for as long as there is time. */
export async function languageFacts(
  document: vscode.TextDocument,
  steps: readonly StepInDocument[],
  signal: AbortSignal,
): Promise<Fact[]> {
  const facts = steps.flatMap((step) => diagnosticsOf(document, step));
  const questions = steps.flatMap((step) => typeQuestions(document, step));
  const endsAt = performance.now() + TIME_MS;
  const told = new Set<string>();
  for (let at = 0; at < questions.length; at += AT_ONCE) {
    throwIfCancelled(signal);
    const left = endsAt - performance.now();
    if (left <= 0) break;
    const answers = await inTime(
      Promise.all(questions.slice(at, at + AT_ONCE).map((question) => typeAt(document, question))),
      left,
      signal,
    );
    for (const fact of answers ?? []) {
      // A name means the same in the next step.
      if (!fact || told.has(fact.statement)) continue;
      told.add(fact.statement);
      facts.push(fact);
    }
    if (!answers) break;
  }
  return facts.sort((a, b) => (a.step ?? 0) - (b.step ?? 0));
}

/** Undefined when the time is over. @throws GlassboxError `cancelled`. */
async function inTime<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: (() => void) | undefined;
  const ended = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
    stop = () => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    const value = await Promise.race([work, ended]);
    throwIfCancelled(signal);
    return value;
  } finally {
    clearTimeout(timer);
    if (stop) signal.removeEventListener("abort", stop);
  }
}

interface TypeQuestion {
  step: number;
  name: string;
  position: vscode.Position;
}

function typeQuestions(document: vscode.TextDocument, { step, lines }: StepInDocument): TypeQuestion[] {
  const last = Math.min(lines.last, document.lineCount - 1);
  if (lines.first > last) return [];
  const range = new vscode.Range(lines.first, 0, last, document.lineAt(last).text.length);
  const start = document.offsetAt(range.start);
  return namesIn(document.getText(range), NAMES_OF_A_STEP).map(({ name, at }) => ({
    step: step.index,
    name,
    position: document.positionAt(start + at),
  }));
}

async function typeAt(
  document: vscode.TextDocument,
  { step, name, position }: TypeQuestion,
): Promise<Fact | undefined> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[] | undefined>(
    "vscode.executeHoverProvider",
    document.uri,
    position,
  );
  for (const content of hovers?.flatMap(({ contents }) => contents) ?? []) {
    const text =
      typeof content === "string"
        ? content
        : "language" in content
          ? `\`\`\`${content.language}\n${content.value}\n\`\`\``
          : content.value;
    const signature = hoverSignature(text, name);
    if (signature === undefined) continue;
    return {
      step,
      source: "type",
      verdict: "verified",
      statement: signature,
      evidence: vscode.l10n.t(
        "What the editor shows when “{0}” is hovered, line {1}",
        name,
        position.line + 1,
      ),
      tool: vscode.l10n.t("language server"),
    };
  }
  return undefined;
}

function diagnosticsOf(document: vscode.TextDocument, { step, lines }: StepInDocument): Fact[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ range, severity }) => {
      const touches = range.start.line <= lines.last && range.end.line >= lines.first;
      return touches && severity <= vscode.DiagnosticSeverity.Warning;
    })
    .sort((a, b) => a.severity - b.severity)
    .slice(0, DIAGNOSTICS_OF_A_STEP)
    .map(({ message, range, source, severity }): Fact => {
      const isError = severity === vscode.DiagnosticSeverity.Error;
      const [first = ""] = message.split("\n");
      const line = range.start.line + 1;
      return {
        step: step.index,
        source: "diagnostic",
        verdict: "verified",
        statement: `${isError ? vscode.l10n.t("error") : vscode.l10n.t("warning")}: ${first}`,
        told: `${isError ? "error" : "warning"}: ${first}`,
        evidence: source
          ? vscode.l10n.t("Reported by {0} in line {1}", source, line)
          : vscode.l10n.t("Reported by the editor in line {0}", line),
        tool: vscode.l10n.t("diagnostics"),
      };
    });
}
