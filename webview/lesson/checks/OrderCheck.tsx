/** A check in which the reader brings items into their order, by buttons or the arrow keys. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { inPlace, shuffled } from "../../../src/core/lessons/judge.js";
import { plainText } from "../../../src/core/lessons/plainText.js";
import { t } from "../../../src/shared/l10n.js";
import type { CheckConfig } from "../../../src/shared/panels/lesson.js";
import { Button } from "../../ui/toolkit.js";
import { Words } from "../Prose.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";

type Order = Extract<CheckConfig, { type: "order" }>;

export function OrderCheck(props: CheckProps & { config: Order }) {
  const { check, config, progress, onAnswer } = props;
  const { items } = config;
  const [order, setOrder] = useState(() =>
    progress.done ? items.map((_, at) => at) : shuffled(items.length, check.id),
  );
  const [judged, setJudged] = useState<number>();
  const list = useRef<HTMLOListElement>(null);
  const moved = useRef<number>(undefined);
  const focus = (at: number) =>
    list.current?.querySelectorAll<HTMLElement>(".lesson-order-item")[at]?.focus();

  // The focus goes along with the item, before the next key can meet the item that took its place.
  useLayoutEffect(() => {
    if (moved.current !== undefined) focus(moved.current);
    moved.current = undefined;
  }, [order]);

  const move = (from: number, to: number) => {
    if (progress.done || to < 0 || to >= order.length) return;
    const next = [...order];
    const [item] = next.splice(from, 1);
    if (item !== undefined) next.splice(to, 0, item);
    setOrder(next);
    setJudged(undefined);
    moved.current = to;
  };
  const onKeyDown = (event: KeyboardEvent, at: number) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    if (event.altKey) return move(at, at + step);
    focus(at + step);
  };
  const answer = () => {
    const right = inPlace(order);
    setJudged(right);
    onAnswer(order.map((item) => plainText(items[item]?.text ?? [])).join(" → "), right === order.length);
  };

  return (
    <CheckFrame {...props} kind={t("put in order")}>
      <ol ref={list} class="lesson-order">
        {order.map((item, at) => (
          <li key={item}>
            <button
              type="button"
              class="lesson-order-item"
              aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
              aria-label={t(
                "Place {0} of {1}: {2}. Alt with the arrow keys moves it.",
                at + 1,
                order.length,
                plainText(items[item]?.text ?? []),
              )}
              disabled={progress.done}
              onKeyDown={(event) => onKeyDown(event, at)}
            >
              <Words text={items[item]?.text ?? []} />
            </button>
            {!progress.done && (
              <span class="lesson-order-moves">
                <button
                  type="button"
                  tabIndex={-1}
                  aria-label={t("Up: {0}", plainText(items[item]?.text ?? []))}
                  disabled={at === 0}
                  onClick={() => move(at, at - 1)}
                >
                  ↑
                </button>
                <button
                  type="button"
                  tabIndex={-1}
                  aria-label={t("Down: {0}", plainText(items[item]?.text ?? []))}
                  disabled={at === order.length - 1}
                  onClick={() => move(at, at + 1)}
                >
                  ↓
                </button>
              </span>
            )}
            {progress.done && (
              <p class="gb-dim">
                <Words text={items[item]?.why ?? []} />
              </p>
            )}
          </li>
        ))}
      </ol>
      {!progress.done && (
        <div class="gb-row">
          <Button appearance="primary" onClick={answer}>
            {t("This is my order")}
          </Button>
          <span class="gb-dim">{t("Alt with ↑ or ↓ moves the item that has the focus.")}</span>
        </div>
      )}
      {judged !== undefined && (
        <Verdict right={judged === order.length}>
          {t("{0} of {1} stand where they belong.", judged, order.length)}
        </Verdict>
      )}
    </CheckFrame>
  );
}
