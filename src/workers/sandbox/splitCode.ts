/** Splits a selection into steps with the grammar of its language, loaded when it is first needed. */

import { isRunnableLanguage } from "../../core/checks/prepareSource.js";
import { runnableFunctions } from "../../core/checks/runnableFunctions.js";
import { fenceLanguage } from "../../core/explain/fenceLanguages.js";
import { splitSyntax } from "../../core/explain/splitSteps.js";
import { type ProsePiece, splitProse, splitStructure } from "../../core/explain/splitText.js";
import { MAX_STEPS, type Piece, stepsFromPieces } from "../../core/explain/steps.js";
import { waysToParse } from "../../core/explain/surroundings.js";
import { toWireError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { RunnableFunction, SandboxProtocol } from "../../shared/workerProtocol.js";
import { type Grammar, grammarOf, MAX_PARSED_CHARACTERS, withParser } from "./grammars.js";

const PROSE = new Set(
  "markdown mdx quarto rmd plaintext restructuredtext latex tex asciidoc git-commit".split(" "),
);
/** Milliseconds after which no further way to parse is tried. */
const TRY_FOR_MS = 1000;
/** Parts of prose that are this long in lines and have a language are split by its syntax. */
const LONG_CODE_LINES = 4;

type SplitParams = SandboxProtocol["splitSteps"]["params"];
type SplitResult = SandboxProtocol["splitSteps"]["result"];

interface Parsed {
  pieces: Piece[] | undefined;
  functions: RunnableFunction[];
}

/** Splits code by syntax, prose by sentence, and anything else by structure. */
export async function splitCode({ text, languageId, firstLine }: SplitParams): Promise<SplitResult> {
  const grammar = grammarOf(languageId);
  if (!grammar) {
    return PROSE.has(languageId)
      ? await splitDocument(text, languageId, firstLine)
      : byStructure(text, firstLine);
  }
  if (text.length > MAX_PARSED_CHARACTERS) {
    return byStructure(text, firstLine, t("more than {0} characters are not parsed", MAX_PARSED_CHARACTERS));
  }
  try {
    const { pieces, functions } = await parsed(text, languageId, grammar);
    if (!pieces) return byStructure(text, firstLine, t("hardly any of it parses as {0}", grammar.title));
    const steps = stepsFromPieces(text, pieces, firstLine);
    return { steps, parser: `tree-sitter, ${grammar.title}`, functions };
  } catch (error) {
    return byStructure(
      text,
      firstLine,
      t("the {0} grammar failed: {1}", grammar.title, toWireError(error).message),
    );
  }
}

function parsed(text: string, languageId: string, grammar: Grammar): Promise<Parsed> {
  return withParser(grammar.name, (parse) => {
    // PHP outside its tags is text to be printed.
    const ways = waysToParse(text, grammar.surroundings, grammar.openBrace).filter(
      ({ before }) => grammar.name !== "php" || `${before}${text}`.includes("<?"),
    );
    const until = performance.now() + TRY_FOR_MS;
    const pieces = splitSyntax(text, parse, ways, () => performance.now() < until);
    const root = pieces && isRunnableLanguage(languageId) ? parse(text) : undefined;
    return { pieces, functions: root ? runnableFunctions(root) : [] };
  });
}

/** @param why why it was not split by its syntax, where its language has a grammar. */
function byStructure(text: string, firstLine: number, why?: string): SplitResult {
  return {
    steps: stepsFromPieces(text, splitStructure(text), firstLine),
    parser: why === undefined ? t("blank lines and indents") : t("blank lines and indents ({0})", why),
    functions: [],
  };
}

/** Prose; code in it that is long is split by its own syntax while there is room for its steps. */
async function splitDocument(text: string, languageId: string, firstLine: number): Promise<SplitResult> {
  const blocks = splitProse(text, languageId);
  const pieces: Piece[] = [];
  const titles = new Set<string>();
  for (const [i, block] of blocks.entries()) {
    const room = MAX_STEPS - pieces.length - (blocks.length - i) + 1;
    const inside = await codePieces(text, block, room);
    if (inside) titles.add(inside.title);
    pieces.push(...(inside?.pieces ?? [block]));
  }
  return {
    steps: stepsFromPieces(text, pieces, firstLine),
    parser: [t("sentences"), ...[...titles].map((title) => `tree-sitter, ${title}`)].join("; "),
    functions: [],
  };
}

async function codePieces(
  text: string,
  { code, start, end }: ProsePiece,
  room: number,
): Promise<{ pieces: Piece[]; title: string } | undefined> {
  if (!code) return undefined;
  const languageId = fenceLanguage(code.name);
  const grammar = grammarOf(languageId);
  const source = text.slice(code.start, code.end);
  if (!grammar || source.length > MAX_PARSED_CHARACTERS) return undefined;
  if (source.trim().split("\n").length < LONG_CODE_LINES) return undefined;
  const { pieces } = await parsed(source, languageId, grammar);
  if (!pieces || pieces.length < 2 || pieces.length > room) return undefined;
  // The fences belong to the first and the last piece.
  const moved = pieces.map((piece, i) => ({
    ...piece,
    start: i === 0 ? start : piece.start + code.start,
    end: i === pieces.length - 1 ? end : piece.end + code.start,
    titleAt: (piece.titleAt ?? piece.start) + code.start,
  }));
  return { pieces: moved, title: grammar.title };
}
