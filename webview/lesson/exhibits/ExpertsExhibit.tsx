/** The exhibit of a mixture of experts: which expert each token of the text gets, how evenly, and what that makes of the size. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import {
  balancedBias,
  imbalanceOf,
  loadsOf,
  mixtureSizes,
  routerScores,
  routeTokens,
} from "../../../src/core/lessons/mixture.js";
import { formatCount, formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExperimentHost, Routing } from "../../../src/shared/panels/experiments.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { tokenName } from "../../../src/shared/tokenName.js";
import { countedExperts, countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { TokenChip } from "../../ui/TokenChip.js";
import { Button, Checkbox, Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import "./experiments.css";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "experts" }>;

const MOST_TOKENS = 120;
const MOST_EXPERTS = 16;
const ROUNDS = 300;

export function ExpertsExhibit(props: ExhibitProps<Config>) {
  const { id, config, text, model, host, covered, onInstrument } = props;
  const own = embeddedHost<ExperimentHost>(host, id, text);
  const { value, current, error, again } = useAnswer(`${modelFile(model)}\n${text}`, async (signal) => {
    const facts = await host.call("modelFacts", {}, { signal });
    const { tokens: all } = await own.call("read", { text }, { signal });
    const tokens = all.filter(({ special }) => !special).slice(0, MOST_TOKENS);
    const ids = tokens.map((token) => token.id);
    const mixture = facts.metadata.some(
      ({ key, value: count }) => /\.expert_count$/.test(key) && count !== "0",
    );
    const routing =
      mixture && ids.length > 0 ? await own.call("routing", { tokenIds: ids }, { signal }) : null;
    const table = routing ? undefined : await own.call("embeddings", { ids }, { signal });
    return { facts, tokens, routing, table };
  });
  const [count, setCount] = useState(config.count);
  const [used, setUsed] = useState(config.used);
  const [seed, setSeed] = useState(1);
  const [balanced, setBalanced] = useState(false);
  const [layer, setLayer] = useState(0);

  const routing = useMemo((): Routing | undefined => {
    if (!value) return undefined;
    if (value.routing || !value.table) return value.routing ?? undefined;
    const scores = routerScores(value.table.rows, value.table.width, count, seed);
    return routeTokens(scores, count, used, balanced ? balancedBias(scores, count, used, ROUNDS) : undefined);
  }, [value, count, used, seed, balanced]);
  const at = Math.min(layer, (routing?.layers ?? 1) - 1);
  const loads = routing && loadsOf(routing, at);
  const sizes = value && routing && mixtureSizes(value.facts, routing, value.routing !== null);

  useEffect(() => {
    const known = current && routing && loads && sizes;
    onInstrument({
      text,
      readings: known
        ? {
            experts: routing.count,
            used: routing.used,
            imbalance: imbalanceOf(loads),
            idle: loads.filter((load) => load === 0).length,
            total: sizes.total,
            active: sizes.active,
            "active-share": sizes.active / Math.max(1, sizes.total),
          }
        : {},
      setting: routing ? t("{0} of {1}", routing.used, countedExperts(routing.count)) : "",
      guesses: {},
    });
  }, [text, current, routing, at]);

  if (error || !value || !routing || !loads || !sizes) {
    return (
      <ModelNote
        model={model}
        busy={t("Taking the tokens’ rows from the model …")}
        error={error}
        retry={again}
        host={host}
      />
    );
  }
  if (covered) return null;
  const { tokens, facts } = value;
  const real = value.routing !== null;
  const rows = tokens.map((token, index) => ({ token, picks: picksOf(routing, at, index) }));
  return (
    <>
      <p class="gb-dim">
        {real
          ? t("{0} is a mixture of experts: these are its own routers, in our own forward pass.", facts.name)
          : t(
              "{0} is no mixture: every token meets all of its weights. So this is a router of our own, with weights drawn by chance (seed {1}), over the model’s real rows for your tokens. Training would have made it choose better.",
              facts.name,
              seed,
            )}
      </p>
      <div class="lesson-sliders">
        {real ? (
          <Slider
            label={t("Layer")}
            min={1}
            max={routing.layers}
            step={1}
            value={at + 1}
            valueText={t("{0} of {1}", at + 1, routing.layers)}
            onInput={(chosen) => setLayer(chosen - 1)}
          />
        ) : (
          <>
            <Slider
              label={t("Experts")}
              min={2}
              max={MOST_EXPERTS}
              step={1}
              value={count}
              valueText={String(count)}
              onInput={(chosen) => {
                setCount(chosen);
                setUsed(Math.min(used, chosen));
              }}
            />
            <Slider
              label={t("Experts for each token")}
              min={1}
              max={count}
              step={1}
              value={used}
              valueText={String(used)}
              onInput={setUsed}
            />
          </>
        )}
      </div>
      {!real && (
        <div class="gb-row lesson-row">
          <Checkbox label={t("balance the load")} checked={balanced} onChange={setBalanced} />
          <Button onClick={() => setSeed(seed + 1)}>{t("Another router")}</Button>
        </div>
      )}
      <Figure
        name="routing"
        caption={captionOf(loads, routing)}
        table={{
          columns: [t("Token"), t("Experts, with their shares")],
          rows: () =>
            rows.map(({ token, picks }) => [
              tokenName(token),
              picks.map(({ expert, share }) => `${expert + 1} (${(share * 100).toFixed(0)} %)`).join(", "),
            ]),
        }}
      >
        <p class="gb-row lesson-strip">
          {rows.map(({ token, picks }, index) => (
            <span key={`${index} ${token.id}`} class="lesson-strip-token">
              <TokenChip token={token} band={picks[0]?.expert ?? 0} />
              <span class="lesson-strip-id">{picks.map(({ expert }) => expert + 1).join(" ")}</span>
            </span>
          ))}
        </p>
        <Bars
          bars={loads.map((load, expert) => ({
            // Experts have no name but their number.
            key: String(expert),
            label: t("expert {0}", expert + 1),
            share: load / Math.max(1, ...loads),
            value: countedTokens(load),
            strong: load === Math.max(...loads),
          }))}
        />
      </Figure>
      <Figure
        name="size"
        caption={
          real
            ? t(
                "A token meets {0} of the {1} weights; all of them must lie in memory.",
                formatReading(sizes.active, "number"),
                formatReading(sizes.total, "number"),
              )
            : t(
                "With {0} copies of its feed-forward parts, {1} would have {2} weights to keep in memory, of which a token meets {3}.",
                count,
                facts.name,
                formatReading(sizes.total, "number"),
                formatReading(sizes.active, "number"),
              )
        }
        table={{
          columns: [t("What"), t("Weights")],
          rows: () => [
            [t("all, in memory"), formatCount(Math.round(sizes.total))],
            [t("met by one token"), formatCount(Math.round(sizes.active))],
            [t("one expert, over all layers"), formatCount(Math.round(sizes.expert))],
          ],
        }}
      >
        <Bars
          bars={[
            { key: "total", label: t("in memory"), share: 1, value: formatReading(sizes.total, "number") },
            {
              key: "active",
              label: t("met by a token"),
              share: sizes.active / Math.max(1, sizes.total),
              value: formatReading(sizes.active, "number"),
            },
          ]}
        />
      </Figure>
    </>
  );
}

function picksOf({ tokens, used, chosen, shares }: Routing, layer: number, token: number) {
  const from = (layer * tokens + token) * used;
  return Array.from({ length: used }, (_, rank) => ({
    expert: chosen[from + rank] ?? 0,
    share: shares[from + rank] ?? 0,
  }));
}

function captionOf(loads: readonly number[], { tokens, used, count }: Routing): string {
  const most = Math.max(...loads);
  const idle = loads.filter((load) => load === 0).length;
  const busiest = loads.filter((load) => load === most).length;
  const one = loads.indexOf(most) + 1;
  const all = countedTokens(tokens);
  const times = formatFixed(imbalanceOf(loads), 2);
  if (idle === 0) {
    return busiest === 1
      ? t(
          "{0}, {1} of {2} experts each: expert {3} has most to do, {4} times the mean.",
          all,
          used,
          count,
          one,
          times,
        )
      : t(
          "{0}, {1} of {2} experts each: {3} experts have most to do, {4} times the mean.",
          all,
          used,
          count,
          busiest,
          times,
        );
  }
  const none = countedExperts(idle);
  return busiest === 1
    ? t(
        "{0}, {1} of {2} experts each: expert {3} has most to do, {4} times the mean, and {5} nothing at all.",
        all,
        used,
        count,
        one,
        times,
        none,
      )
    : t(
        "{0}, {1} of {2} experts each: {3} experts have most to do, {4} times the mean, and {5} nothing at all.",
        all,
        used,
        count,
        busiest,
        times,
        none,
      );
}
