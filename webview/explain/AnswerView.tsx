/** An answer of the model: its words, the drafts and branches beside it, and what tools found about it. */

import { writtenText } from "../../src/core/explain/textOfTokens.js";
import { t } from "../../src/shared/l10n.js";
import type { Answer, AnswerEnd, AnswerTarget } from "../../src/shared/panels/explain.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { CheckResult } from "../../src/shared/types.js";
import { countedWords } from "../ui/counted.js";
import { formatLines } from "../ui/format.js";
import { CheckDetails, VerdictLine } from "../ui/notes.js";
import { LinkButton } from "../ui/toolkit.js";
import type { Ask } from "./Explain.js";
import { Words } from "./Words.js";
import { wordChanges } from "./wordChanges.js";

export interface AnswerViewProps {
  target: AnswerTarget;
  answer: Answer;
  /** The other versions, in order. */
  kept: readonly Answer[];
  coloured: boolean;
  /** Nothing runs, so that a branch can be made. */
  free: boolean;
  /** Questions that the reader may still answer: what decided them is not told before. */
  unanswered?: readonly string[];
  ask: Ask;
}

export function AnswerView({ target, answer, kept, coloured, free, unanswered = [], ask }: AnswerViewProps) {
  const { origin } = answer;
  const draft = origin.kind === "revision" ? kept.find(({ version }) => version === origin.of) : undefined;
  const words = (
    <>
      {answer.tokens.length > 0 && (
        <Words
          tokens={answer.tokens}
          coloured={coloured}
          writing={answer.phase === "writing"}
          chosen={origin.kind === "branch" ? origin.tokenIndex : undefined}
          onTake={
            free && answer.phase === "ended"
              ? (tokenIndex, other) => ask("branch", { target, tokenIndex, tokenId: other.id })
              : undefined
          }
        />
      )}
      {answer.phase === "reading" && answer.tokens.length === 0 && <p class="gb-dim">{t("reading …")}</p>}
    </>
  );
  return (
    <>
      {origin.kind === "revision" && draft ? (
        <div class="gb-drafts">
          <Draft draft={draft} answer={answer} because={origin.because} unanswered={unanswered} ask={ask} />
          <div>
            <h3>{t("Second draft")}</h3>
            {words}
          </div>
        </div>
      ) : (
        words
      )}
      {kept.length > 0 && (
        <Versions
          versions={[...kept, answer].sort((a, b) => a.version - b.version)}
          shown={answer.version}
          free={free}
          onChoose={(version) => ask("switchTo", { target, version })}
        />
      )}
      {answer.phase === "ended" && <AnswerEndNotes answer={answer} ask={ask} />}
    </>
  );
}

/** The draft that tools contradicted: what was taken out of it is struck. */
function Draft(props: {
  draft: Answer;
  answer: Answer;
  because: readonly CheckResult[];
  unanswered: readonly string[];
  ask: Ask;
}) {
  const { draft, answer, because, unanswered, ask } = props;
  const isOpen = ({ statement }: CheckResult) => !unanswered.some((text) => statement.startsWith(text));
  const shown = because.filter(isOpen);
  const parts = wordChanges(writtenText(draft), writtenText(answer));
  const done = answer.phase === "ended";
  return (
    <details class="gb-draft" open>
      <summary>
        {t("First draft")} <span class="gb-dim">{done ? changeNote(parts) : t("the model writes anew")}</span>
      </summary>
      <p class="gb-draft-text">
        {done
          ? parts
              .filter(({ kind }) => kind !== "in")
              .map(({ kind, text }, index) =>
                kind === "out" ? <del key={`${index}:${text}`}>{text}</del> : text,
              )
          : writtenText(draft)}
      </p>
      {shown.map((check) => (
        <VerdictLine key={check.statement} check={check} />
      ))}
      {shown.length < because.length && <p class="gb-dim">{hiddenNote(because.length - shown.length)}</p>}
      <p class="gb-row gb-step-links">
        <LinkButton onClick={() => ask("showSent", { call: draft.call })}>
          {t("Show what was sent then")}
        </LinkButton>
      </p>
    </details>
  );
}

function hiddenNote(count: number): string {
  return count === 1
    ? t("{0} prediction of the model’s came out wrong: see the questions below.", count)
    : t("{0} predictions of the model’s came out wrong: see the questions below.", count);
}

function changeNote(parts: ReturnType<typeof wordChanges>): string {
  const count = (kind: string) =>
    parts
      .filter((part) => part.kind === kind)
      .reduce((sum, { text }) => sum + (text.match(/\S+/g)?.length ?? 0), 0);
  const [out, put] = [count("out"), count("in")];
  if (out === 0 && put === 0) return t("the second one says the same");
  return t("{0} taken out, {1} put in", countedWords(out), countedWords(put));
}

/** All versions of an answer, to go from one to another. */
function Versions(props: {
  versions: readonly Answer[];
  shown: number;
  free: boolean;
  onChoose(version: number): void;
}) {
  return (
    <fieldset class="gb-versions">
      <legend class="gb-visually-hidden">{t("Versions of this answer")}</legend>
      {props.versions.map((answer, index) => (
        <button
          key={answer.version}
          type="button"
          class="gb-version"
          aria-pressed={answer.version === props.shown}
          disabled={!props.free && answer.version !== props.shown}
          title={versionTitle(answer)}
          onClick={() => {
            if (answer.version !== props.shown) props.onChoose(answer.version);
          }}
        >
          {index + 1} <span>{versionName(answer)}</span>
        </button>
      ))}
    </fieldset>
  );
}

function versionName({ origin }: Answer): string {
  switch (origin.kind) {
    case "first":
      return t({ message: "first", comment: "version of an answer" });
    case "revision":
      return t({ message: "revised", comment: "version of an answer" });
    case "branch":
      return t("“{0}”", tokenName(origin.token).replace(/^·/, ""));
  }
}

function versionTitle({ origin }: Answer): string {
  switch (origin.kind) {
    case "first":
      return t("As the model wrote it first");
    case "revision":
      return t("Written anew, after tools contradicted it");
    case "branch":
      return t("Token {0} is the one that you chose; the model wrote what follows it", origin.tokenIndex + 1);
  }
}

function AnswerEndNotes({ answer, ask }: { answer: Answer; ask: Ask }) {
  const { end, checks, sentLines, told } = answer;
  const note = end && endNote(end);
  return (
    <>
      {checks.map((check) => (
        <CheckDetails key={check.statement} check={check} />
      ))}
      {checks.length === 0 && end !== "stopped" && end !== "failed" && <VerdictLine check={UNDECIDED} />}
      <p class="gb-row gb-step-links">
        {note && <span class="gb-dim">{note}</span>}
        {sentLines && (
          <span class="gb-dim">
            {t("Only {0} fitted into the question.", formatLines(sentLines.first, sentLines.last))}
          </span>
        )}
        {told.length > 0 && (
          <span class="gb-dim" title={told.join("\n")}>
            {told.length === 1
              ? t("It was told {0} fact.", told.length)
              : t("It was told {0} facts.", told.length)}
          </span>
        )}
        <LinkButton onClick={() => ask("showSent", { call: answer.call })}>
          {t("Show what was sent")}
        </LinkButton>
      </p>
    </>
  );
}

const UNDECIDED: CheckResult = {
  verdict: "unchecked",
  statement: t("the model’s words"),
  evidence: t("the model’s words; no tool here can decide them"),
  tool: t({ message: "none", comment: "no tool" }),
};

/** Why the words end where they end, where that is not the model's own choice. */
function endNote(end: AnswerEnd): string | undefined {
  switch (end) {
    case "stopped":
      return t("Stopped.");
    case "max-tokens":
      return t("Cut here: the answer has reached its longest length.");
    case "context-full":
      return t("Cut here: the model’s context is full.");
    default:
      return undefined;
  }
}
