/** Measures what edits save, by encoding the text before and after each with the tokenizer, in slices. */

import { applyReplacements, joinReplacements } from "../../core/savings/replacements.js";
import { TokenBuffer } from "../../core/tokens/tokenBuffer.js";
import type { Tokenizer } from "../../core/tokens/tokenizer.js";
import { throwIfCancelled } from "../../shared/errors.js";
import type { Caller } from "../../shared/rpc.js";
import type { ProposedEdit, Replacement } from "../../shared/savings.js";
import type { SandboxProtocol } from "../../shared/workerProtocol.js";

/** Milliseconds that encoding may hold the extension host at a time. */
const SLICE_MS = 4;

export interface MeasuredEdit extends ProposedEdit {
  /** Tokens fewer than before; negative where the edit costs tokens. */
  saved: number;
}

export interface Measured {
  /** Tokens of the part before any edit. */
  before: number;
  /** By saving, the largest first; of the shorter names that were tried for a name, the one that saves most. */
  edits: MeasuredEdit[];
}

export interface MeasureRequest {
  text: string;
  languageId: string;
  /** The part to measure and edit, UTF-16 offsets. */
  start: number;
  end: number;
  /** Whether that is all of the file. */
  whole: boolean;
  tokenizer: Tokenizer;
  signal: AbortSignal;
  /** How many edits of how many are measured. */
  onProgress(done: number, of: number): void;
}

/** Has the sandbox propose edits, and measures what each takes off the tokens of the part. */
export async function measureSavings(
  sandbox: Caller<SandboxProtocol>,
  { tokenizer, signal, onProgress, ...source }: MeasureRequest,
): Promise<Measured> {
  const proposals: ProposedEdit[] = [];
  await sandbox.call("findSavings", source, { signal, onEvent: (edit) => proposals.push(edit) });
  const part = source.text.slice(source.start, source.end);
  const count = (text: string) => countInSlices(tokenizer, text, signal);
  const before = await count(part);
  const savedBy = async (edits: readonly Replacement[]) =>
    before - (await count(applyReplacements(part, shifted(edits, -source.start))));

  const measured: MeasuredEdit[] = [];
  for (const [done, proposal] of proposals.entries()) {
    onProgress(done, proposals.length);
    measured.push({ ...proposal, saved: await savedBy(proposal.edits) });
  }
  const best = withBestNames(measured).sort((a, b) => b.saved - a.saved);
  const together = compatible(best.filter(({ saved, safety }) => saved > 0 && safety.kind === "same"));
  if (together.length > 1) {
    const edits = joinReplacements(together.map((edit) => edit.edits));
    const safety = await sandbox.call("checkEdits", { ...source, edits, count: together.length }, { signal });
    if (safety) {
      const kind = { name: "together", count: together.length } as const;
      best.push({ kind, safety, edits, saved: await savedBy(edits) });
    }
  }
  return { before, edits: best.sort((a, b) => b.saved - a.saved) };
}

/** One edit of each kind, the first: a text has but one indentation, and JSON one layout. */
function compatible(edits: readonly MeasuredEdit[]): MeasuredEdit[] {
  const kinds = new Map<string, MeasuredEdit>();
  for (const edit of edits) if (!kinds.has(edit.kind.name)) kinds.set(edit.kind.name, edit);
  return [...kinds.values()];
}

/** Of the shorter names that were tried for a name, only the one that saves most, where any saves. */
function withBestNames(measured: readonly MeasuredEdit[]): MeasuredEdit[] {
  const names = new Map<string, MeasuredEdit>();
  const others: MeasuredEdit[] = [];
  for (const edit of measured) {
    if (edit.kind.name !== "longName") others.push(edit);
    else if (edit.saved > (names.get(edit.kind.from)?.saved ?? 0)) names.set(edit.kind.from, edit);
  }
  return [...others, ...names.values()];
}

function shifted(edits: readonly Replacement[], by: number): Replacement[] {
  return edits.map(({ start, end, text }) => ({ start: start + by, end: end + by, text }));
}

/** The number of a text's tokens, giving way to the editor between slices. */
async function countInSlices(tokenizer: Tokenizer, text: string, signal: AbortSignal): Promise<number> {
  const out = new TokenBuffer();
  const steps = tokenizer.encodeInSteps(text, out);
  let end = performance.now() + SLICE_MS;
  while (!steps.next().done) {
    if (performance.now() < end) continue;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(signal);
    end = performance.now() + SLICE_MS;
  }
  throwIfCancelled(signal);
  return out.length;
}
