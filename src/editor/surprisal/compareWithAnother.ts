/** Reads the text of a session with a second model of the reader's choice, and places what differs in the document. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ComparisonProgress, ShownComparison } from "../../shared/panels/surprisal.js";
import { engineOf, type ModelService } from "../models.js";
import type { SurprisalSession } from "./surprisalSession.js";

/** As much of a text as two models are compared on; the process that does it stops earlier at its own limits. */
const MOST_CHARACTERS = 20_000;

/** @returns null where no model was chosen. */
export async function compareWithAnother(
  models: Pick<ModelService, "chooseOther" | "compare">,
  session: Pick<SurprisalSession, "document" | "text" | "source">,
  signal: AbortSignal,
  onProgress: (progress: ComparisonProgress) => void,
): Promise<ShownComparison | null> {
  const path = await models.chooseOther();
  if (path === undefined) return null;
  const { document, source } = session;
  const read = session.text;
  if (!read) throw new GlassboxError("invalid-request", "There is no text to compare the models on.");
  const { from, offset } = read;
  const { version } = document;
  const text = read.text.slice(0, from + MOST_CHARACTERS);
  const comparison = await models.compare({ path, text, from }, { signal, onEvent: onProgress });
  if (document.version !== version) {
    throw new GlassboxError(
      "invalid-request",
      t("The text was edited while the models were reading it."),
      t("Compare them again."),
    );
  }
  const inDocument = (places: Uint32Array) => places.map((place) => offset + place);
  const starts = inDocument(comparison.starts);
  return {
    comparison: { ...comparison, starts, ends: inDocument(comparison.ends) },
    source,
    engine: engineOf(comparison.first.info),
    lines: starts.map((start) => document.positionAt(start).line),
    cut: (comparison.ends.at(-1) ?? 0) < read.text.trimEnd().length,
  };
}
