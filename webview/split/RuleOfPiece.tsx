/** The rule that made a piece: what each of its terms took, why it ends there, and the rules that were tried before. */

import type { ComponentChildren } from "preact";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { AlternativeTrace, TermTrace } from "../../src/shared/panels/split.js";
import { visibleParts } from "../../src/shared/visibleText.js";
import { sentence } from "../ui/sentence.js";
import type { TextView } from "./splitState.js";

export interface RuleOfPieceProps {
  view: TextView;
  /** Whether the text was cut behind this piece, so that its end may not be the file's. */
  cutHere: boolean;
}

export function RuleOfPiece({ view, cutHere }: RuleOfPieceProps) {
  const { rule } = view;
  if (!rule) {
    return (
      <p>
        {view.patterns.length > 0
          ? t("No single rule of the pre-tokeniser’s expression accounts for this piece.")
          : t(
              "No published rules say where {0} cuts. Its boxes end where no token of the vocabulary can reach across.",
              view.tokenizer,
            )}
      </p>
    );
  }
  const { alternatives, matched, ends, stage, stages } = rule;
  const winner = alternatives[matched];
  const strong = (words: ComponentChildren) => <strong>{words}</strong>;
  return (
    <>
      {winner && (
        <>
          <p>
            {stages > 1
              ? sentence(
                  "Rule {0} of {1}, <2>{3}</2>, in expression {4} of {5}; each cuts what those before it left.",
                  matched + 1,
                  alternatives.length,
                  strong,
                  winner.name,
                  stage + 1,
                  stages,
                )
              : sentence(
                  "Rule {0} of {1}, <2>{3}</2>.",
                  matched + 1,
                  alternatives.length,
                  strong,
                  winner.name,
                )}{" "}
            {t(
              "Rules are tried in order; the first that matches takes the piece, and within it every term takes as much as it can.",
            )}
          </p>
          <ol class="split-terms" aria-label={t("What each term of the rule took")}>
            {(winner.terms ?? []).map((term, index) => (
              <TermCard key={`${index} ${term.source}`} term={term} />
            ))}
          </ol>
        </>
      )}
      <p class="split-ends">
        <strong>{t("Why it ends here:")}</strong>{" "}
        {cutHere ? t("The text that is shown ends here; in your file the piece may go on.") : ends}
      </p>
      <ol class="split-ladder" aria-label={t("All rules in the order in which they are tried")}>
        {alternatives.map((alternative, index) => (
          <Rung key={alternative.source} alternative={alternative} number={index + 1} />
        ))}
      </ol>
    </>
  );
}

function TermCard({ term }: { term: TermTrace }) {
  const took = term.text !== "";
  return (
    <li class={took ? "split-term" : "split-term split-term-empty"}>
      <span class="split-took">
        {took ? (
          <Visible text={term.text} />
        ) : (
          t({ message: "nothing", comment: "a part of a rule took no characters" })
        )}
      </span>
      <code>{spaceShown(term.source)}</code>
      <span class="gb-dim">{term.words}</span>
    </li>
  );
}

const SIGNS = {
  failed: { sign: "✗", word: t({ message: "no", comment: "a rule did not match" }) },
  matched: { sign: "✓", word: t({ message: "matched", comment: "a rule did match" }) },
  untried: { sign: "○", word: t("not tried") },
} as const;

function Rung({ alternative, number }: { alternative: AlternativeTrace; number: number }) {
  const { sign, word } = SIGNS[alternative.kind];
  return (
    <li class={`split-rung split-rung-${alternative.kind}`}>
      <span class="split-rung-sign">
        <span aria-hidden="true">{sign}</span> {number}
      </span>
      <span>
        <span class="split-rung-name">{alternative.name}</span>{" "}
        <span class="gb-dim">
          {word}
          {alternative.why === undefined ? "" : `. ${alternative.why}`}
        </span>
        <code class="split-rung-source">{spaceShown(alternative.source)}</code>
      </span>
    </li>
  );
}

/** A space at the border of a source would not be seen. */
function spaceShown(source: string): string {
  return source.replaceAll(" ", "␣");
}

/** Text of a term, cut where it is long, with its white space as signs. */
function Visible({ text }: { text: string }) {
  const characters = Array.from(text);
  const shown = characters.slice(0, 60).join("");
  return (
    <>
      {visibleParts(new TextEncoder().encode(shown)).map((part, index) =>
        part.kind === "text" ? (
          part.text
        ) : (
          <span key={`${index}${part.text}`} class={part.kind === "whitespace" ? "gb-whitespace" : "gb-byte"}>
            {part.text}
          </span>
        ),
      )}
      {characters.length > 60 && (
        <span class="gb-dim"> {t("… {0} characters", formatCount(characters.length))}</span>
      )}
    </>
  );
}
