/** Finds edits that may save tokens with the grammar of the text's language, and checks combinations of them. */

import {
  type Grammar,
  MeaningCheck,
  proposeEdits,
  type TextToSave,
} from "../../core/savings/proposeEdits.js";
import type { EditSafety, ProposedEdit, Replacement } from "../../shared/savings.js";
import { grammarOf, MAX_PARSED_CHARACTERS, withParser } from "./grammars.js";

/** Emits the edits of the text that are worth measuring; answers how many there are. */
export async function findSavings(source: TextToSave, emit: (edit: ProposedEdit) => void): Promise<number> {
  const found = await withGrammar(source, (grammar) => proposeEdits(source, grammar));
  for (const edit of found) emit(edit);
  return found.length;
}

/** What several edits at once do to the meaning; null where they change what each alone leaves. */
export function checkEdits(
  source: TextToSave,
  edits: Replacement[],
  count: number,
): Promise<EditSafety | null> {
  return withGrammar(
    source,
    (grammar) => new MeaningCheck(source, grammar).of(edits, { name: "together", count }) ?? null,
  );
}

function withGrammar<T>({ text, languageId }: TextToSave, use: (grammar: Grammar) => T): Promise<T> {
  const found = grammarOf(languageId);
  if (!found?.tellsMeaning) return Promise.resolve(use({ parse: undefined, why: "no grammar" }));
  if (text.length > MAX_PARSED_CHARACTERS) return Promise.resolve(use({ parse: undefined, why: "too long" }));
  return withParser(found.name, (parse) => use({ parse }));
}
