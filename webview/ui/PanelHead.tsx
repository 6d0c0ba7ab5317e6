/** The head of every panel: what this is, of which text, the model, its state, Stop, and the evidence. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { gpuName } from "../../src/shared/gpuName.js";
import { t } from "../../src/shared/l10n.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import type { ModelInfo } from "../../src/shared/types.js";
import { formatBytes } from "./format.js";
import { Button, LinkButton } from "./toolkit.js";

export interface PanelHeadProps {
  title: string;
  /** Which text it is about: "users.ts, lines 3–9". */
  subject: string;
  /** Left out where no model is involved. */
  model?: ModelState;
  onChooseModel?(): void;
  /** What goes on right now: "21 tok/s", "ready", "stopped". Overrides the model's own state. */
  status?: string;
  /** Shown while something runs. */
  onStop?: (() => void) | undefined;
  /** What *How do you know?* opens: prompt, settings, seed, agreement. */
  evidence?: ComponentChildren;
}

export function PanelHead(props: PanelHeadProps) {
  const [open, setOpen] = useState(false);
  const status = props.status ?? (props.model ? modelStatus(props.model) : "");
  const evidence = useRef<HTMLElement>(null);
  // It opens at the top of the page, wherever the reader is.
  useEffect(() => {
    if (open) evidence.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  return (
    <>
      <header class="gb-head">
        <div class="gb-head-line">
          <h1>{props.title}</h1>
          <span class="gb-subject" title={props.subject}>
            {props.subject}
          </span>
          <span class="gb-head-right">
            {props.model && <ModelChip model={props.model} onClick={props.onChooseModel} />}
            <span class="gb-state">{status}</span>
            <span class="gb-visually-hidden" role="status">
              {withoutFigures(status)}
            </span>
            {props.onStop && <Button onClick={props.onStop}>{t("Stop")}</Button>}
            {props.evidence !== undefined && (
              <LinkButton expanded={open} onClick={() => setOpen(!open)}>
                {t("How do you know?")}
              </LinkButton>
            )}
          </span>
        </div>
      </header>
      {open && (
        <section ref={evidence} class="gb-evidence" aria-label={t("How do you know?")}>
          {props.evidence}
        </section>
      )}
    </>
  );
}

function ModelChip({ model, onClick }: { model: ModelState; onClick?: (() => void) | undefined }) {
  if (model.kind === "server") return <ServerChip {...model} />;
  const name = modelName(model);
  const details = model.kind === "ready" ? detailsOf(model.info) : undefined;
  return (
    <button type="button" class="gb-model" onClick={onClick} title={t("Choose another model")}>
      {name}
      {details && <span class="gb-dim"> · {details}</span>}
    </button>
  );
}

/** The processor goes without saying: what runs on a graphics card rounds otherwise. */
function detailsOf({ quantisation, fileBytes, gpu }: ModelInfo): string {
  return [quantisation, formatBytes(fileBytes), gpu && gpuName(gpu.kind)].filter(Boolean).join(" · ");
}

/** Which server is asked, with a mark that the text leaves this editor, all the time. */
function ServerChip(server: Extract<ModelState, { kind: "server" }>) {
  const { name, base, host, loopback, encrypted } = server;
  const way = loopback
    ? t("Text is sent to {0}. It runs on this machine.", base)
    : encrypted
      ? t("Text is sent to {0}. The text leaves this machine, encrypted.", base)
      : t("Text is sent to {0}. The text leaves this machine without encryption.", base);
  const where = loopback
    ? t("server {0}", host)
    : encrypted
      ? t("sent to {0}", host)
      : t("sent unencrypted to {0}", host);
  return (
    <span class="gb-model gb-server" title={way}>
      <span aria-hidden="true">{loopback ? "⇄ " : encrypted ? "↗ " : "⚠ "}</span>
      {name}
      <span class="gb-dim"> · {where}</span>
    </span>
  );
}

function modelName(model: ModelState): string {
  switch (model.kind) {
    case "none":
      return t("no model");
    case "ready":
      return model.info.name;
    default:
      return model.name || t("model");
  }
}

/** What is announced: the state, without the speed and share that change with every token. */
function withoutFigures(status: string): string {
  return status.replace(/,? ?[\d.,]+ (?:%|tok\/s)/g, "");
}

function modelStatus(model: ModelState): string {
  switch (model.kind) {
    case "none":
      return "";
    case "idle":
      return t("not loaded");
    case "loading":
      return t("loading {0} %", Math.round(model.fraction * 100));
    case "ready":
      return t("ready");
    case "failed":
      return t("failed");
    case "server":
      return t("on a server");
  }
}
