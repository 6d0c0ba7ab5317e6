/** Splits a selection into steps with the grammar of its language, loaded when it is first needed. */

import { isRunnableLanguage } from "../../core/checks/prepareSource.js";
import { runnableFunctions } from "../../core/checks/runnableFunctions.js";
import { ALONE, splitSyntax } from "../../core/explain/splitSteps.js";
import { splitProse, splitStructure } from "../../core/explain/splitText.js";
import { stepsFromPieces } from "../../core/explain/steps.js";
import type { SandboxProtocol } from "../../shared/workerProtocol.js";
import { grammarOf, MAX_PARSED_CHARACTERS, withParser } from "./grammars.js";

const PROSE = new Set(["markdown", "plaintext", "restructuredtext", "latex", "asciidoc"]);

type SplitParams = SandboxProtocol["splitSteps"]["params"];
type SplitResult = SandboxProtocol["splitSteps"]["result"];

/** Splits code by syntax, prose by sentence, and anything else by structure. */
export async function splitCode({ text, languageId, firstLine }: SplitParams): Promise<SplitResult> {
  const grammar = grammarOf(languageId);
  if (grammar && text.length <= MAX_PARSED_CHARACTERS) {
    const split = await withParser(grammar.name, (parse): SplitResult | undefined => {
      // PHP outside its tags is text to be printed.
      const alone = grammar.name === "php" && !text.includes("<?") ? [] : [ALONE];
      const pieces = splitSyntax(text, parse, [...alone, ...grammar.surroundings]);
      if (!pieces) return undefined;
      const root = isRunnableLanguage(languageId) ? parse(text) : undefined;
      return {
        steps: stepsFromPieces(text, pieces, firstLine),
        parser: `tree-sitter, ${grammar.title}`,
        functions: root ? runnableFunctions(root) : [],
      };
    });
    if (split) return split;
  }
  const prose = PROSE.has(languageId);
  return {
    steps: stepsFromPieces(text, prose ? splitProse(text) : splitStructure(text), firstLine),
    parser: prose ? "sentences" : "blank lines and indents",
    functions: [],
  };
}
