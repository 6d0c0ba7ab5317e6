/** The next-token distribution as horizontal bars: before and after the stages, what was cut, and the rest. */

import { useRef } from "preact/hooks";
import type { Bars } from "../../src/core/sampling/reading.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { ModelToken } from "../../src/shared/types.js";
import { formatProbability } from "../ui/format.js";
import { itemByKey } from "../ui/itemByKey.js";
import { sentence } from "../ui/sentence.js";
import { TokenChip } from "../ui/TokenChip.js";
import { stageName } from "./stageName.js";

/** Square root: a token of 1 % is still a tenth of the width, and one of 100 % fits. */
function barLength(probability: number): number {
  return Math.sqrt(Math.max(0, probability));
}

/** The sums of thousands of equal numbers differ by their rounding. */
const SAME = 1e-6;

const TICKS = [0.01, 0.1, 0.25, 0.5, 1];

export function ProbabilityBars(props: {
  bars: Bars;
  name(id: number): ModelToken | undefined;
  /** The token that is being drawn. */
  chosen: number | undefined;
  /** Probabilities under the settings that are compared with, index = id. */
  other?: Float64Array | undefined;
  /** How often each token came in a trial, as a part of its draws. */
  shares?: ReadonlyMap<number, number> | undefined;
  /** Takes a token whatever the draw would say. */
  onTake?(id: number): void;
}) {
  const { other, shares, onTake } = props;
  const list = useRef<HTMLOListElement>(null);
  // The chips are one stop for the tab key; arrows move inside.
  const onKeyDown = (event: KeyboardEvent) => {
    const chips = [...(list.current?.querySelectorAll<HTMLElement>("button.gb-chip") ?? [])];
    const from = chips.indexOf(document.activeElement as HTMLElement);
    const to = itemByKey(event.key, from, chips.length, "down");
    if (to === undefined || from < 0) return;
    event.preventDefault();
    chips[to]?.focus();
  };
  const known = new Set(props.bars.bars.map(({ id }) => id));
  const restShare = shares && [...shares].reduce((sum, [id, share]) => sum + (known.has(id) ? 0 : share), 0);
  const restOther = other && 1 - props.bars.bars.reduce((sum, { id }) => sum + (other[id] ?? 0), 0);
  const { bars, rest } = props.bars;
  return (
    <div class={other || shares ? "sampling-bars sampling-bars-more" : "sampling-bars"}>
      <div class="sampling-axis" aria-hidden="true">
        <span>{t("next token")}</span>
        <span class="sampling-ticks">
          {TICKS.map((tick) => (
            <span key={tick} style={{ left: `${barLength(tick) * 100}%` }}>
              {tick * 100} %
            </span>
          ))}
        </span>
        <span>{t("square-root scale")}</span>
      </div>
      <ol ref={list} aria-label={t("Probabilities of the next token")} onKeyDown={onKeyDown}>
        {bars.map((bar, place) => {
          const token = props.name(bar.id);
          const chosen = bar.id === props.chosen;
          return (
            <li key={bar.id} class={chosen ? "sampling-chosen" : ""}>
              <span class="sampling-token">
                {token ? (
                  <TokenChip
                    token={token}
                    probability={bar.before}
                    tabIndex={place === 0 ? 0 : -1}
                    {...(onTake ? { onClick: () => onTake(bar.id) } : {})}
                  />
                ) : (
                  `#${bar.id}`
                )}
              </span>
              <Track
                before={bar.before}
                after={bar.after}
                other={other && (other[bar.id] ?? 0)}
                share={shares && (shares.get(bar.id) ?? 0)}
              >
                {bar.cutBy && (
                  <span class="sampling-cut-by">
                    {sentence(
                      "<0>cut by </0>{1}",
                      (words) => (
                        <span class="sampling-wide">{words}</span>
                      ),
                      stageName(bar.cutBy),
                    )}
                  </span>
                )}
                {chosen && <span class="sampling-cut-by">{t("drawn")}</span>}
              </Track>
              <Numbers
                before={bar.before}
                after={bar.cutBy ? undefined : bar.after}
                other={other && (other[bar.id] ?? 0)}
                share={shares && (shares.get(bar.id) ?? 0)}
              />
            </li>
          );
        })}
        {rest.count > 0 && (
          <li class="sampling-rest">
            <span class="sampling-token gb-dim">{t("{0} more", formatCount(rest.count))}</span>
            <Track before={rest.before} after={rest.after} other={restOther} share={restShare}>
              {rest.survivors < rest.count && (
                <span class="sampling-cut-by">
                  {rest.survivors === 0
                    ? t("all cut")
                    : t("{0} cut", formatCount(rest.count - rest.survivors))}
                </span>
              )}
            </Track>
            <Numbers
              before={rest.before}
              after={rest.survivors === 0 ? undefined : rest.after}
              other={restOther}
              share={restShare}
            />
          </li>
        )}
      </ol>
    </div>
  );
}

function Track(props: {
  before: number;
  after: number;
  other: number | undefined;
  share: number | undefined;
  children: preact.ComponentChildren;
}) {
  const [before, after] = [barLength(props.before), barLength(props.after)];
  const longest = Math.max(before, after, barLength(props.other ?? 0), barLength(props.share ?? 0));
  // Behind a short bar, inside a long one.
  const place = longest < 0.5 ? { left: `${longest * 100}%` } : { right: `${(1 - longest) * 100}%` };
  return (
    <span class="sampling-track" aria-hidden="true">
      {Math.abs(props.before - props.after) > SAME && (
        <span class="sampling-before" style={{ width: `${before * 100}%` }} />
      )}
      <span class="sampling-after" style={{ width: `${after * 100}%` }} />
      {props.other !== undefined && props.other > 0 && (
        <span class="sampling-other" style={{ left: `${barLength(props.other) * 100}%` }}>
          B
        </span>
      )}
      {props.share !== undefined && (
        <span class="sampling-share" style={{ width: `${barLength(props.share) * 100}%` }} />
      )}
      <span class="sampling-mark" style={place}>
        {props.children}
      </span>
    </span>
  );
}

/**
 * "62.0 % → 98.6 %"; one number where nothing changed, "→ cut" where nothing is left; what B and a trial say behind.
 */
function Numbers(props: {
  before: number;
  after: number | undefined;
  other: number | undefined;
  share: number | undefined;
}) {
  const { before, after, other, share } = props;
  const [was, is] = [formatProbability(before), after === undefined ? t("cut") : formatProbability(after)];
  return (
    <span class="sampling-numbers">
      <span class={was === is ? "" : "gb-dim"}>{was}</span>
      {was !== is && (
        <>
          <span class="gb-dim" aria-hidden="true">
            {" → "}
          </span>
          <span class="gb-visually-hidden"> {t("becomes")} </span>
          <span class={after === undefined ? "gb-dim" : ""}>{is}</span>
        </>
      )}
      {/* Where there is little room, a line may end between them. */}
      {other !== undefined && (
        <>
          {" "}
          <span class="gb-dim">· B {formatProbability(other)}</span>
        </>
      )}
      {share !== undefined && (
        <>
          {" "}
          <span class="gb-dim">· {t("{0} % drawn", formatCount(Math.round(share * 1000) / 10))}</span>
        </>
      )}
    </span>
  );
}
