/** The notes that a panel shows in place of its picture: empty, loading, failed; and the verdict of a check. */

import type { WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import type { CheckResult, Verdict } from "../../src/shared/types.js";
import { VERDICT_NAMES } from "../../src/shared/verdictNames.js";
import { Button, LinkButton, Spinner } from "./toolkit.js";

export interface Action {
  label: string;
  run(): void;
}

/** What to do next, with one button. */
export function EmptyNote({ text, action }: { text: string; action?: Action }) {
  return (
    <div class="gb-note">
      <p>{text}</p>
      {action && (
        <Button appearance="primary" onClick={action.run}>
          {action.label}
        </Button>
      )}
    </div>
  );
}

/** What is being done and how far it is; `fraction` from 0 to 1 where it is known. */
export function LoadingNote({ text, fraction }: { text: string; fraction?: number | undefined }) {
  return (
    <div class="gb-note" role="status">
      <p class="gb-row gb-loading">
        <Spinner label={text} />
        <span>{fraction === undefined ? text : `${text} ${Math.round(fraction * 100)} %`}</span>
      </p>
      {fraction !== undefined && (
        <progress max={1} value={fraction} aria-label={text}>
          {Math.round(fraction * 100)} %
        </progress>
      )}
    </div>
  );
}

/** What failed, what was found, what to do. */
export function ErrorNote(props: {
  error: WireError;
  retry?: (() => void) | undefined;
  showLog?: (() => void) | undefined;
  /** What else helps, beside trying again. */
  action?: Action | undefined;
}) {
  return (
    <div class="gb-note gb-error" role="alert">
      <p>{props.error.message}</p>
      {props.error.remedy && <p class="gb-dim">{props.error.remedy}</p>}
      <p class="gb-row">
        {props.retry && (
          <Button appearance="primary" onClick={props.retry}>
            {t("Try again")}
          </Button>
        )}
        {props.action && <Button onClick={props.action.run}>{props.action.label}</Button>}
        {props.showLog && <LinkButton onClick={props.showLog}>{t("Show log")}</LinkButton>}
      </p>
    </div>
  );
}

/** While a model is loading: its name and how far it is. */
export function ModelLoading({ model }: { model: ModelState }) {
  if (model.kind !== "loading") return null;
  return <LoadingNote text={t("Loading {0} …", model.name)} fraction={model.fraction} />;
}

const VERDICTS: Record<Verdict, { sign: string; className: string }> = {
  verified: { sign: "✓", className: "gb-verified" },
  contradicted: { sign: "✗", className: "gb-contradicted" },
  unchecked: { sign: "○", className: "gb-unchecked" },
};

/** A verdict as sign, word and colour, never colour alone. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  const { sign, className } = VERDICTS[verdict];
  return (
    <span class={className}>
      <span aria-hidden="true">{sign}</span> {VERDICT_NAMES[verdict]}
    </span>
  );
}

/** A claim or fact with its verdict; what the tool saw opens on a click. */
export function CheckDetails({ check }: { check: CheckResult }) {
  return (
    <details class="gb-check">
      <summary>
        <VerdictMark verdict={check.verdict} /> <span>{check.statement}</span>
      </summary>
      <p>
        {check.evidence} <span class="gb-dim">({check.tool})</span>
      </p>
    </details>
  );
}

/** A verdict with the evidence beside it. */
export function VerdictLine({ check }: { check: CheckResult }) {
  return (
    <div class="gb-verdict">
      <VerdictMark verdict={check.verdict} />
      <span class="gb-evidence-line" title={check.tool}>
        {check.evidence}
      </span>
    </div>
  );
}
