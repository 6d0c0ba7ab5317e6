/** The panel of "Show Surprisal": head, notes, and the exhibit. */

import { useState } from "preact/hooks";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { CommonHostProtocol, ModelState, Provenance } from "../../src/shared/panels/panel.js";
import type { SurprisalHost, SurprisalState } from "../../src/shared/panels/surprisal.js";
import type { Caller } from "../../src/shared/rpc.js";
import { countedTokens } from "../ui/counted.js";
import { formatLines } from "../ui/format.js";
import { ModelFacts, SizeNote } from "../ui/ModelFacts.js";
import { EmptyNote, ErrorNote, LoadingNote, ModelLoading } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { SavingContext } from "../ui/Saving.js";
import { LinkButton } from "../ui/toolkit.js";
import { ModelsCompared } from "./ModelsCompared.js";
import { SurprisalExhibit } from "./SurprisalExhibit.js";

export interface SurprisalPanelProps {
  host: Caller<SurprisalHost & CommonHostProtocol>;
  model: ModelState;
  state: SurprisalState | undefined;
  fault: WireError | undefined;
}

export function SurprisalPanel({ host, model, state, fault }: SurprisalPanelProps) {
  const [failed, setFailed] = useState<WireError>();
  const onFault = (error: unknown) => setFailed(toWireError(error));
  const ask = (method: "stop" | "goOn" | "readAgain" | "hide" | "chooseModel" | "showLog") => () =>
    void host.call(method, {}).catch(onFault);
  const read = state ? readShare(state) : 0;
  const phase = state?.phase.kind;
  const status =
    phase === "reading"
      ? t("reading {0} %", Math.floor(100 * read))
      : phase === "stopped"
        ? t("stopped")
        : undefined;
  const shown = fault ?? failed;
  const started = state !== undefined && state.tokens.texts.length > 0 && read > 0;
  return (
    <SavingContext.Provider value={{ host, name: "surprisal", about: () => (state ? aboutOf(state) : []) }}>
      <PanelHead
        title={t("Surprisal")}
        subject={state ? subjectOf(state) : ""}
        model={model}
        onChooseModel={ask("chooseModel")}
        {...(status === undefined || model.kind === "loading" ? {} : { status })}
        onStop={phase === "reading" ? ask("stop") : undefined}
        evidence={started ? <SurprisalEvidence state={state} /> : undefined}
      />
      {shown && <ErrorNote error={shown} showLog={ask("showLog")} />}
      {!state && (
        <EmptyNote
          text={t("No text is read. Put the caret into a file, or select a part of it.")}
          action={{ label: t("Read it"), run: ask("readAgain") }}
        />
      )}
      {state?.phase.kind === "failed" && (
        <ErrorNote error={state.phase.error} retry={ask("goOn")} showLog={ask("showLog")} />
      )}
      {phase === "stopped" && (
        <p class="gb-row" role="status">
          {t("Stopped.")} <LinkButton onClick={ask("goOn")}>{t("Go on")}</LinkButton>
        </p>
      )}
      {phase === "reading" &&
        (model.kind === "loading" ? (
          <ModelLoading model={model} />
        ) : (
          !started && <LoadingNote text={t("The model reads the text.")} />
        ))}
      {phase === "ready" && state?.tokens.texts.length === 0 && (
        <EmptyNote
          text={t("There is no text to read.")}
          action={{ label: t("Read another"), run: ask("readAgain") }}
        />
      )}
      {started && (
        <>
          {state.model && (
            <SizeNote
              model={state.model}
              builtIn={state.builtIn}
              gain="surprise"
              onChooseModel={ask("chooseModel")}
            />
          )}
          <SurprisalExhibit
            state={state}
            onReveal={(token) =>
              void host
                .call("reveal", { start: state.tokens.starts[token]!, end: state.tokens.ends[token]! })
                .catch(onFault)
            }
          />
          <ModelsCompared host={host} palette={state.palette} />
          <p class="gb-row">
            <LinkButton onClick={ask("readAgain")}>{t("Read the selection or file in front")}</LinkButton>
            <LinkButton onClick={ask("hide")}>{t("Take the colours off")}</LinkButton>
          </p>
        </>
      )}
    </SavingContext.Provider>
  );
}

/** How much of the text has been read, from 0 to 1. */
function readShare({ tokens }: SurprisalState): number {
  const count = tokens.bits.length;
  return count === 0 ? 0 : tokens.bits.reduce((sum, bits) => sum + (Number.isNaN(bits) ? 0 : 1), 0) / count;
}

function subjectOf({ source }: SurprisalState): string {
  const lines = formatLines(source.firstLine, source.lastLine);
  if (source.scope === "selection") return t("{0}, the selection in {1}", source.fileName, lines);
  return source.cut ? t("{0}, only {1}", source.fileName, lines) : source.fileName;
}

/** What decided the numbers, for what is saved of them. */
function aboutOf(state: SurprisalState): Provenance {
  const { source, windows, thresholds } = state;
  return [
    ["Text", subjectOf(state)],
    ["Lines", formatLines(source.firstLine, source.lastLine)],
    ["Windows", windowsOf(state)],
    ["Thresholds", thresholds.join(", ")],
    ["Engine", state.engine],
    ["Tokens in a window", String(windows.size)],
  ];
}

function windowsOf({ windows }: SurprisalState): string {
  const { count, size, overlap } = windows;
  if (count <= 1) return t("all at once");
  return t(
    "in {0} windows of at most {1} tokens, each of which repeats up to {2} of the one before",
    count,
    formatCount(size),
    formatCount(overlap),
  );
}

function SurprisalEvidence({ state }: { state: SurprisalState }) {
  const { model, read } = state;
  if (!model) return null;
  const off = state.tokens.entropiesWithin.reduce((most, each) => (each > most ? each : most), 0);
  return (
    <>
      <dl>
        <ModelFacts model={model} engine={state.engine} />
        <dt>{t({ message: "Reading", comment: "how a text was read" })}</dt>
        <dd>
          {state.source.scope === "selection"
            ? t(
                "{0} {1}; what stands before the selection was read as well",
                countedTokens(state.tokens.texts.length),
                windowsOf(state),
              )
            : t(
                { message: "{0} {1}", comment: "so many tokens, in so many windows" },
                countedTokens(state.tokens.texts.length),
                windowsOf(state),
              )}
        </dd>
        {read.tokens > 0 && (
          <>
            <dt>{t("Speed")}</dt>
            <dd>
              {t(
                "{0} tokens by the engine, {1} a second",
                formatCount(read.tokens),
                formatCount(Math.round((1000 * read.tokens) / read.ms)),
              )}
            </dd>
          </>
        )}
      </dl>
      <p class="gb-dim">
        {t(
          "Each probability is the engine's own, over all {0} tokens of the vocabulary, given only what stands before; it is told within 0.01 bits. The entropy takes the 128 most probable tokens one by one and of all others only how many they are and how probable together, because to read out every one of them takes longer than the evaluation: no distribution with these numbers has an entropy that is farther off than the table says, here {1} bits at most. Two models compared are read out in full, so that their entropies are exact.",
          formatCount(model.vocabularySize),
          formatFixed(off, 2),
        )}
      </p>
    </>
  );
}
