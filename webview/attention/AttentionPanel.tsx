/** The attention panel: head, notes and the exhibit. */

import { useState } from "preact/hooks";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { AttentionHost, AttentionSubject } from "../../src/shared/panels/attention.js";
import type { CommonHostProtocol, ModelState } from "../../src/shared/panels/panel.js";
import type { Caller } from "../../src/shared/rpc.js";
import { countedLayers, countedTokens } from "../ui/counted.js";
import { formatDuration, formatLines } from "../ui/format.js";
import { EmptyNote, ErrorNote, LoadingNote, ModelLoading } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { SavingContext } from "../ui/Saving.js";
import { Checkbox, LinkButton } from "../ui/toolkit.js";
import { AttentionEvidence, aboutOf } from "./AttentionEvidence.js";
import { AttentionExhibit, type AttentionView } from "./AttentionExhibit.js";
import { questions } from "./AttentionQuestions.js";
import type { ChosenView } from "./attentionState.js";
import { type Attention, useAttention } from "./useAttention.js";

export interface AttentionPanelProps {
  host: Caller<AttentionHost & CommonHostProtocol>;
  model: ModelState;
  /** Changes when there is a text to run on; 0 before. */
  reading: number;
  /** Whether the document has been edited or closed since. */
  moved: boolean;
  /** Whether the caret in the editor chooses the token. */
  following: boolean;
  onFollow(on: boolean): void;
  /** The token that it has chosen last. */
  followed: { token: number } | undefined;
  /** What the reader had chosen before the window was reloaded. */
  chosen: ChosenView;
  onChosen(chosen: ChosenView): void;
}

export function AttentionPanel(props: AttentionPanelProps) {
  const { host, model, reading, moved, following, followed } = props;
  const attention = useAttention(host, reading);
  const [view, setView] = useState<AttentionView>();
  const [fault, setFault] = useState<WireError>();
  const { phase, subject, agreement } = attention;
  const onFault = (error: unknown) => setFault(toWireError(error));
  // The exhibit tells what it shows after each drawing; only a change may draw anew.
  const look = (next: AttentionView) => setView((now) => (now && sameView(now, next) ? now : next));
  const showLog = () => void host.call("showLog", {}).catch(onFault);
  const takeSelection = () => void host.call("takeSelection", {}).catch(onFault);
  const follow = (on: boolean) => {
    props.onFollow(on);
    host.call("setFollowing", { on }).catch(onFault);
  };
  const busy = phase.kind === "reading" || phase.kind === "running" || agreement.kind === "comparing";
  const problem = fault ?? attention.fault;
  return (
    <>
      <PanelHead
        title={t("Attention")}
        subject={subject ? subjectText(subject) : ""}
        model={model}
        onChooseModel={() => void host.call("chooseModel", {}).catch(onFault)}
        {...statusOf(attention)}
        onStop={busy ? attention.stop : undefined}
        evidence={
          subject ? <AttentionEvidence attention={attention} subject={subject} view={view} /> : undefined
        }
      />
      {problem && <ErrorNote error={problem} showLog={showLog} />}
      {moved && subject && (
        <p class="gb-row" role="status">
          {t("The text has changed since, so nothing is lit in it.")}{" "}
          <LinkButton onClick={takeSelection}>{t("Use the selection as it is now")}</LinkButton>
        </p>
      )}
      <Note
        attention={attention}
        model={model}
        showLog={showLog}
        takeSelection={takeSelection}
        useBuiltIn={() => void host.call("useBuiltInModel", {}).catch(onFault)}
      />
      {subject && (
        <p class="gb-row">
          <Checkbox label={t("Follow the caret in the editor")} checked={following} onChange={follow} />
        </p>
      )}
      {subject && (
        <SavingContext.Provider
          value={{ host, name: "attention", about: () => aboutOf(attention, subject, view) }}
        >
          <AttentionExhibit
            attention={attention}
            followed={followed}
            host={host}
            onFault={onFault}
            onView={look}
            chosen={props.chosen}
            onChosen={props.onChosen}
            views={(shown, show, tab) => questions({ host, look: shown, run: attention.run, show }, tab)}
          />
        </SavingContext.Provider>
      )}
    </>
  );
}

function sameView(one: AttentionView, two: AttentionView): boolean {
  return (
    one.layer === two.layer &&
    one.head === two.head &&
    one.query === two.query &&
    one.firstAside === two.firstAside &&
    one.scale === two.scale &&
    one.row === two.row
  );
}

/** What stands in place of the picture, or above what there is of it. */
function Note(props: {
  attention: Attention;
  model: ModelState;
  showLog(): void;
  takeSelection(): void;
  useBuiltIn(): void;
}) {
  const { attention, model, showLog, useBuiltIn } = props;
  const { phase, subject } = attention;
  switch (phase.kind) {
    case "waiting":
      return (
        <EmptyNote
          text={t("Select some text in the editor.")}
          action={{ label: t("Use the selection as it is now"), run: props.takeSelection }}
        />
      );
    case "reading":
      if (model.kind === "loading") return <ModelLoading model={model} />;
      return <LoadingNote text={t("Reading the text as the model's tokens …")} />;
    case "running": {
      const total = subject?.model.layerCount ?? 0;
      return (
        <LoadingNote
          text={t("Computing attention: layer {0} of {1}.", phase.layers, total)}
          fraction={total > 0 ? phase.layers / total : 0}
        />
      );
    }
    case "stopped":
      return (
        <EmptyNote
          text={
            attention.layers > 0
              ? t("Stopped after {0}; those can be looked at.", countedLayers(attention.layers))
              : t("Stopped before the first layer was finished.")
          }
          action={{ label: t("Run again"), run: attention.again }}
        />
      );
    case "failed":
      return (
        <ErrorNote
          error={phase.error}
          retry={attention.again}
          showLog={showLog}
          {...(helpsToUseBuiltIn(phase.error)
            ? { action: { label: t("Use the built-in model"), run: useBuiltIn } }
            : {})}
        />
      );
    case "done":
      return null;
  }
}

/** The file is the fault, not the text: another model helps. */
function helpsToUseBuiltIn({ code }: WireError): boolean {
  return code === "unsupported" || code === "file-invalid" || code === "file-unreadable";
}

function subjectText({ source, tokens }: AttentionSubject): string {
  const lines = formatLines(source.firstLine, source.lastLine);
  return `${source.fileName}, ${lines} · ${countedTokens(tokens.length)}`;
}

function statusOf({ phase, run, agreement }: Attention): { status?: string } {
  if (phase.kind === "stopped") return { status: t("stopped") };
  if (phase.kind === "running") return { status: t("running") };
  if (!run) return {};
  const time = formatDuration(run.ms);
  return { status: agreement.kind === "comparing" ? t("{0} · comparing", time) : time };
}
