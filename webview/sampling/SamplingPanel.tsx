/** The sampling panel: head, notes, the size of the model, and the exhibit. */

import { useState } from "preact/hooks";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { CommonHostProtocol, ModelState } from "../../src/shared/panels/panel.js";
import type { SamplingHost, SamplingPrompt } from "../../src/shared/panels/sampling.js";
import type { Caller } from "../../src/shared/rpc.js";
import { formatLines } from "../ui/format.js";
import { SizeNote } from "../ui/ModelFacts.js";
import { EmptyNote, ErrorNote, LoadingNote, ModelLoading } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { SavingContext } from "../ui/Saving.js";
import { LinkButton } from "../ui/toolkit.js";
import { aboutOf, SamplingEvidence } from "./SamplingEvidence.js";
import { SamplingExhibit } from "./SamplingExhibit.js";
import type { SamplingState } from "./samplingState.js";
import { type Sampling, useSampling } from "./useSampling.js";

export interface SamplingPanelProps {
  host: Caller<SamplingHost & CommonHostProtocol>;
  model: ModelState;
  /** Changes when the text must be read again. */
  reading: string;
  /** Whether the document has been edited since the text was read. */
  edited: boolean;
  initial: SamplingState;
  onChange(state: SamplingState): void;
}

export function SamplingPanel(props: SamplingPanelProps) {
  const { host, model } = props;
  const [fault, setFault] = useState<WireError>();
  const sampling = useSampling(host, props.reading, props.initial, props.onChange);
  const { phase, prompt, prediction } = sampling;
  const onFault = (error: unknown) => setFault(toWireError(error));
  const showLog = () => void host.call("showLog", {}).catch(onFault);
  const chooseModel = () => void host.call("chooseModel", {}).catch(onFault);
  const readAgain = () => void host.call("readAgain", {}).catch(onFault);
  const openText = () => void host.call("openText", {}).catch(onFault);
  return (
    <>
      <PanelHead
        title={t("Next token")}
        subject={prompt ? subjectOf(prompt) : ""}
        model={model}
        onChooseModel={chooseModel}
        {...statusOf(sampling)}
        onStop={phase.kind === "busy" ? sampling.stop : undefined}
        evidence={prediction ? <SamplingEvidence sampling={sampling} /> : undefined}
      />
      {fault && <ErrorNote error={fault} showLog={showLog} />}
      {props.edited && prompt && (
        <p class="gb-row" role="status">
          {t("The text has changed since it was read.")}{" "}
          <LinkButton onClick={readAgain}>{t("Read it again")}</LinkButton>
        </p>
      )}
      {prompt && (
        <SizeNote model={prompt.model} builtIn={prompt.builtIn} gain="guesses" onChooseModel={chooseModel} />
      )}
      {!prediction && (
        <Waiting
          sampling={sampling}
          model={model}
          showLog={showLog}
          readAgain={readAgain}
          openText={openText}
        />
      )}
      <SavingContext.Provider value={{ host, name: "next-token", about: () => aboutOf(sampling) }}>
        <SamplingExhibit sampling={sampling} onShowLog={showLog} />
      </SavingContext.Provider>
    </>
  );
}

/** What stands where the picture will be. */
function Waiting(props: {
  sampling: Sampling;
  model: ModelState;
  showLog(): void;
  readAgain(): void;
  openText(): void;
}) {
  const { sampling, model } = props;
  switch (sampling.phase.kind) {
    case "busy":
      return model.kind === "loading" ? (
        <ModelLoading model={model} />
      ) : (
        <LoadingNote text={sampling.phase.text} />
      );
    case "failed":
      return <ErrorNote error={sampling.phase.error} retry={sampling.retry} showLog={props.showLog} />;
    case "stopped":
      return <EmptyNote text={t("Stopped.")} action={{ label: t("Go on"), run: sampling.retry }} />;
    case "no-text":
      return (
        <EmptyNote
          text={t(
            "Open a text, and put the caret where the model should go on, or select what it should continue.",
          )}
          action={{ label: t("Open a text"), run: props.openText }}
        />
      );
    case "nothing":
      return (
        <EmptyNote
          text={t(
            "Nothing stands before the caret, and this model needs at least one token. Put the caret behind some text, or select some.",
          )}
          action={{ label: t("Read the text"), run: props.readAgain }}
        />
      );
    case "ready":
      return null;
  }
}

/** Which text, in words: "sum.ts, before the caret in line 7", and what was left out of it. */
function subjectOf({ source, tokens, cut }: SamplingPrompt): string {
  const length = formatCount(tokens.filter((token) => token.start !== token.end).length);
  const { fileName, firstLine, lastLine } = source;
  switch (source.scope) {
    case "given":
      return fileName;
    case "selection": {
      const lines = formatLines(firstLine, lastLine);
      return cut
        ? t("{0}, the last {1} tokens of the selection in {2}", fileName, length, lines)
        : t("{0}, the selection in {1}", fileName, lines);
    }
    case "caret":
      return cut
        ? t("{0}, the last {1} tokens before the caret in line {2}", fileName, length, lastLine + 1)
        : t("{0}, all before the caret in line {1}", fileName, lastLine + 1);
  }
}

function statusOf({ phase }: Sampling): { status?: string } {
  if (phase.kind === "busy") return { status: t("running") };
  return phase.kind === "stopped" ? { status: t("stopped") } : {};
}
