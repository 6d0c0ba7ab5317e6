/** The panel of "Guess the Next Token": head, notes, and the game. */

import { useState } from "preact/hooks";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { GuessHost, GuessPassage } from "../../src/shared/panels/guess.js";
import type { CommonHostProtocol, ModelState, Provenance } from "../../src/shared/panels/panel.js";
import type { Caller } from "../../src/shared/rpc.js";
import { countedTokens } from "../ui/counted.js";
import { ModelFacts, SizeNote } from "../ui/ModelFacts.js";
import { EmptyNote, ErrorNote, LoadingNote, ModelLoading } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { SavingContext } from "../ui/Saving.js";
import { LinkButton } from "../ui/toolkit.js";
import { GuessExhibit } from "./GuessExhibit.js";
import { type Guessing, useGuessing } from "./useGuessing.js";

export interface GuessPanelProps {
  host: Caller<GuessHost & CommonHostProtocol>;
  model: ModelState;
  /** Changes when the game is begun anew. */
  beginning: number;
  /** Whether the document was edited or closed since. */
  moved: boolean;
  onBegin(): void;
}

export function GuessPanel({ host, model, beginning, moved, onBegin }: GuessPanelProps) {
  const guessing = useGuessing(host, beginning, onBegin);
  const [fault, setFault] = useState<WireError>();
  const ask = (method: "chooseModel" | "openText" | "showLog") => () =>
    void host.call(method, {}).catch((error: unknown) => setFault(toWireError(error)));
  const { passage, phase } = guessing;
  return (
    <SavingContext.Provider value={{ host, name: "guesses", about: () => (passage ? aboutOf(passage) : []) }}>
      <PanelHead
        title={t("Guess the next token")}
        subject={passage ? subjectOf(passage) : ""}
        model={model}
        onChooseModel={ask("chooseModel")}
        {...(phase.kind === "scoring" ? { status: t("scoring") } : {})}
        onStop={phase.kind === "scoring" ? guessing.stop : undefined}
        evidence={passage ? <GuessEvidence passage={passage} /> : undefined}
      />
      {fault && <ErrorNote error={fault} showLog={ask("showLog")} />}
      {moved && passage && (
        <p class="gb-row" role="status">
          {t("The text has changed since.")}{" "}
          <LinkButton onClick={onBegin}>{t("Begin again at the caret")}</LinkButton>
        </p>
      )}
      <Waiting
        guessing={guessing}
        model={model}
        showLog={ask("showLog")}
        openText={ask("openText")}
        onBegin={onBegin}
      />
      {passage && (
        <>
          {guessing.rounds.length === 0 && (
            <SizeNote
              model={passage.model}
              builtIn={passage.builtIn}
              gain="opponent"
              onChooseModel={ask("chooseModel")}
            />
          )}
          <GuessExhibit guessing={guessing} passage={passage} onBegin={onBegin} />
        </>
      )}
    </SavingContext.Provider>
  );
}

function Waiting(props: {
  guessing: Guessing;
  model: ModelState;
  showLog(): void;
  openText(): void;
  onBegin(): void;
}) {
  const { phase } = props.guessing;
  switch (phase.kind) {
    case "reading":
      if (props.model.kind === "loading") return <ModelLoading model={props.model} />;
      return <LoadingNote text={t("Reading the text as the model’s tokens …")} />;
    case "no-text":
      return (
        <EmptyNote
          text={t("Open a text, and put the caret where you want to begin guessing.")}
          action={{ label: t("Open a text"), run: props.openText }}
        />
      );
    case "nothing":
      return (
        <EmptyNote
          text={t(
            "Nothing stands before the caret, and this model needs at least one token. Put the caret behind some text.",
          )}
          action={{ label: t("Begin"), run: props.onBegin }}
        />
      );
    case "failed":
      return <ErrorNote error={phase.error} retry={phase.retry} showLog={props.showLog} />;
    default:
      return null;
  }
}

function subjectOf({ fileName, line }: GuessPassage): string {
  return t("{0}, from line {1} on", fileName, line + 1);
}

function aboutOf(passage: GuessPassage): Provenance {
  return [
    ["Text", subjectOf(passage)],
    ["Tokens to guess", String(passage.count)],
    ["Tokens before them", String(passage.contextTokens)],
    ["Scored", RULE],
    ["Engine", passage.engine],
  ];
}

const RULE = t(
  "-log2 of the probability that the text goes on with what was typed, over all tokens and sequences of tokens that spell it",
);

function GuessEvidence({ passage }: { passage: GuessPassage }) {
  return (
    <>
      <dl>
        <ModelFacts model={passage.model} engine={passage.engine} />
        <dt>{t("Read")}</dt>
        <dd>
          {[
            t("{0} before the first to guess", countedTokens(passage.contextTokens)),
            ...(passage.cut ? [t("what stands before those was left out")] : []),
            ...(passage.insideToken
              ? [t("the caret stood inside a token, so the game begins at its start")]
              : []),
          ].join("; ")}
        </dd>
      </dl>
      <p class="gb-dim">
        {t(
          "A guess gets −log2 of the probability that the text goes on with just what you typed. That sum runs over every token that begins with it, and where it is longer than a token, over every way of spelling it, the most probable first, until what is left out could change it by at most 0.014 bits; where more than that stays open, the range is shown. With a space in front it is scored too, and the more probable of the two counts. What stands there and the favourite get −log2 of the probability of that one token.",
        )}
      </p>
      <p class="gb-dim">
        {t(
          "A token is named when the text goes on with your guess and that reaches the token’s end; in part when your guess ends inside the token, or goes wrong only behind it. The model’s favourite is its most probable token, before any sampling.",
        )}
      </p>
    </>
  );
}
