/** Everything that was done for the explanation, in order: what it took, which prompt it sent, what came of it. */

import { useState } from "preact/hooks";
import { formatCost, inputCost, outputCost } from "../../src/core/tokens/prices.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { ExplainState, Stage, StageKind, TokenPrice } from "../../src/shared/panels/explain.js";
import type { GeneratedToken } from "../../src/shared/workerProtocol.js";
import { countedCalls, countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { formatDuration } from "../ui/format.js";
import { LinkButton } from "../ui/toolkit.js";
import type { Ask } from "./Explain.js";
import { Words } from "./Words.js";

export function Stages({ state, ask }: { state: ExplainState; ask: Ask }) {
  const { stages, price } = state;
  if (stages.length === 0) return <p class="gb-dim">{t("Nothing has been done yet.")}</p>;
  const from = stages.reduce((least, { startedMs }) => Math.min(least, startedMs), Number.POSITIVE_INFINITY);
  const to = stages.reduce((most, { startedMs, ms }) => Math.max(most, startedMs + ms), 0);
  return (
    <>
      <p class="gb-dim">{KINDS_IN_WORDS}</p>
      <Figure
        caption={captionOf(stages, price, state.model?.server)}
        table={{
          columns: [
            "Stage",
            "What",
            "Result",
            "Prompt tokens",
            "Written tokens",
            "Began after",
            "Took",
            "Cost",
          ],
          heads: [
            t("Stage"),
            t("What"),
            t("Result"),
            t("Prompt tokens"),
            t("Written tokens"),
            t("Began after"),
            t("Took"),
            t("Cost"),
          ],
          rows: () =>
            stages.map((stage) => [
              KINDS[stage.kind],
              stage.title,
              stage.result || STATES[stage.state],
              stage.call === undefined ? "" : formatCount(stage.promptTokens),
              stage.call === undefined ? "" : formatCount(stage.tokens),
              formatDuration(stage.startedMs),
              formatDuration(stage.ms),
              costOf([stage], price) ?? "",
            ]),
        }}
      >
        <ol class="gb-stages">
          {stages.map((stage) => (
            <StageItem
              key={stage.id}
              stage={stage}
              tokens={tokensOf(state, stage)}
              price={price}
              from={from}
              span={Math.max(1, to - from)}
              server={state.model?.server}
              ask={ask}
            />
          ))}
        </ol>
      </Figure>
    </>
  );
}

const KINDS_IN_WORDS = t(
  "Gather: tools find facts. Plan: what to say and ask. Speak: the model writes. Call: a tool is run. Observe: what it showed is held against what was said. Revise: the model writes anew. Answer: what stands in the end.",
);

const KINDS: Record<StageKind, string> = {
  gather: t("gather"),
  plan: t("plan"),
  speak: t("speak"),
  call: t({ message: "call", comment: "stage" }),
  observe: t({ message: "observe", comment: "stage" }),
  revise: t("revise"),
  answer: t({ message: "answer", comment: "stage" }),
};

const STATES: Record<Stage["state"], string> = {
  running: t({ message: "running", comment: "stage" }),
  ended: t("ended"),
  stopped: t("stopped"),
  failed: t("failed"),
};

function StageItem(props: {
  stage: Stage;
  tokens: readonly GeneratedToken[];
  price: TokenPrice | undefined;
  from: number;
  span: number;
  server: string | undefined;
  ask: Ask;
}) {
  const { stage, tokens, price, from, span, server, ask } = props;
  const [open, setOpen] = useState(false);
  const { call } = stage;
  const left = ((stage.startedMs - from) / span) * 100;
  const width = Math.max(0.5, Math.min(100 - left, (stage.ms / span) * 100));
  const cost = costOf([stage], price);
  return (
    <li class={`gb-stage gb-stage-${stage.state}`}>
      <span class={`gb-stage-kind gb-stage-kind-${stage.kind}`}>{KINDS[stage.kind]}</span>
      <div class="gb-stage-what">
        <p>
          {stage.title}
          {stage.state !== "ended" && <strong> {STATES[stage.state]}</strong>}
        </p>
        {stage.result !== "" && <p class="gb-stage-result gb-dim">{stage.result}</p>}
        <div
          class="gb-stage-time"
          title={t("From {0} on, for {1}", formatDuration(stage.startedMs), formatDuration(stage.ms))}
        >
          <span style={{ left: `${Math.min(99.5, left)}%`, width: `${width}%` }} />
        </div>
        <p class="gb-row gb-stage-numbers">
          <span>{stage.state === "running" ? t("under way") : formatDuration(stage.ms)}</span>
          {call !== undefined && (
            <>
              <span>{t("{0} in", formatCount(stage.promptTokens))}</span>
              <span>{t("{0} out", formatCount(stage.tokens))}</span>
              {price && cost !== undefined && <span title={priceTitle(price, server)}>{cost}</span>}
              <LinkButton label={t("Prompt of: {0}", stage.title)} onClick={() => ask("showSent", { call })}>
                {t("prompt")}
              </LinkButton>
            </>
          )}
          {tokens.length > 0 && (
            <LinkButton
              expanded={open}
              label={t("Tokens of: {0}", stage.title)}
              onClick={() => setOpen(!open)}
            >
              {t("tokens")}
            </LinkButton>
          )}
        </p>
        {open && <Words tokens={tokens} coloured writing={stage.state === "running"} />}
      </div>
    </li>
  );
}

/** The tokens of the call that a stage made, wherever they are kept. */
function tokensOf({ answers, kept, predictions }: ExplainState, { call }: Stage): readonly GeneratedToken[] {
  if (call === undefined) return [];
  const all = [...Object.values(answers), ...Object.values(kept).flat()];
  const answer = all.find((each) => each?.call === call);
  return answer?.tokens ?? predictions.find(({ model }) => model?.call === call)?.model?.tokens ?? [];
}

/** US dollars for the tokens of these stages; undefined without a price or without a model's part in them. */
function costOf(stages: readonly Stage[], price: TokenPrice | undefined): string | undefined {
  if (!price || stages.every(({ call }) => call === undefined)) return undefined;
  return formatCost(
    stages.reduce(
      (sum, { promptTokens, tokens }) => sum + inputCost(price, promptTokens) + outputCost(price, tokens),
      0,
    ),
  );
}

function captionOf(
  stages: readonly Stage[],
  price: TokenPrice | undefined,
  server: string | undefined,
): string {
  const calls = stages.filter(({ call }) => call !== undefined);
  const sum = (of: (stage: Stage) => number) => stages.reduce((total, stage) => total + of(stage), 0);
  const longest = stages.reduce((most, stage) => (stage.ms > most.ms ? stage : most));
  const cost = costOf(stages, price);
  const done = t(
    "{stages}, of them {calls} of the model with {read} read and {written} written; the longest was “{title}” with {ms}.",
    {
      stages: stages.length === 1 ? t("1 stage") : t("{0} stages", formatCount(stages.length)),
      calls: countedCalls(calls.length),
      read: countedTokens(sum(({ promptTokens }) => promptTokens)),
      written: formatCount(sum(({ tokens }) => tokens)),
      title: longest.title,
      ms: formatDuration(longest.ms),
    },
  );
  return price && cost !== undefined ? `${done} ${paid(cost, price, server)}` : done;
}

function paid(cost: string, { vendor, model, source }: TokenPrice, server: string | undefined): string {
  return server === undefined
    ? t(
        "The same tokens would cost {0} at {1}’s {2} ({3}); here they cost nothing.",
        cost,
        vendor,
        model,
        source,
      )
    : t(
        "The same tokens would cost {0} at {1}’s {2} ({3}); what {4} takes for them is not known here.",
        cost,
        vendor,
        model,
        source,
        server,
      );
}

function priceTitle({ vendor, model, source }: TokenPrice, server: string | undefined): string {
  return server === undefined
    ? t("The same tokens at {0}, {1} ({2}); here they cost nothing", vendor, model, source)
    : t(
        "The same tokens at {0}, {1} ({2}); what {3} takes for them is not known here",
        vendor,
        model,
        source,
        server,
      );
}
