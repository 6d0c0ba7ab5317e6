/** A formula as MathML, each of its symbols explained while the pointer or the focus is on it, and below it. */

import { type ComponentChildren, Fragment, h } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import type { MathNode } from "../../src/shared/panels/lesson.js";
import { itemByKey } from "../ui/itemByKey.js";
import { useUniqueId } from "../ui/uniqueId.js";
import { noteShift } from "./noteShift.js";

export interface ExplainedSymbol {
  forms: MathNode[];
  means: ComponentChildren;
}

/** A place in the formula that the pointer or the focus is on. */
interface Shown {
  symbol: number;
  left: number;
}

export function Formula({ math, symbols }: { math: MathNode; symbols: ExplainedSymbol[] }) {
  const [shown, setShown] = useState<Shown>();
  // One place takes the focus by Tab, the arrow keys go on from there.
  const [current, setCurrent] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const noteId = useUniqueId();
  const places = useMemo(() => placesOf(math), [math]);

  const show = (symbol: number, element: Element) => {
    const { left } = element.getBoundingClientRect();
    const origin = box.current?.getBoundingClientRect().left ?? 0;
    setShown({ symbol, left: left + noteShift(left) - origin });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") return setShown(undefined);
    const to = itemByKey(event.key, current, places.length);
    if (to === undefined) return;
    event.preventDefault();
    box.current?.querySelector<MathMLElement>(`[data-place="${to}"]`)?.focus();
  };

  const draw = (node: MathNode, key: number): ComponentChildren => {
    const children = node.children.map((child, at) => (typeof child === "string" ? child : draw(child, at)));
    const { tag, attributes, symbol } = node;
    if (symbol === undefined) return h(tag, { ...attributes, key }, ...children);
    const place = places.indexOf(node);
    const lit = symbol === shown?.symbol;
    const own = {
      key,
      "data-place": place,
      "data-lit": lit,
      tabindex: place === current ? 0 : -1,
      "aria-describedby": lit ? noteId : undefined,
      onMouseEnter: (event: MouseEvent) => show(symbol, event.currentTarget as Element),
      onMouseLeave: () => setShown(undefined),
      onFocus: (event: FocusEvent) => {
        setCurrent(place);
        show(symbol, event.currentTarget as Element);
      },
      onBlur: () => setShown(undefined),
      onKeyDown,
    };
    return h(tag, { ...attributes, ...own }, ...children);
  };

  return (
    <div class="lesson-formula" ref={box}>
      <div class="lesson-formula-line">{draw(math, 0)}</div>
      {shown && (
        <span id={noteId} role="tooltip" class="lesson-term-note" style={{ left: `${shown.left}px` }}>
          {symbols[shown.symbol]?.means}
        </span>
      )}
      <dl aria-label={t("The symbols of the formula")}>
        {symbols.map(({ forms, means }, at) => (
          <div key={`symbol ${at + 1}`} data-lit={at === shown?.symbol}>
            <dt>
              {forms.map((form, other) => (
                <Fragment key={`form ${other + 1}`}>
                  {other > 0 && ", "}
                  {plain(form, 0)}
                </Fragment>
              ))}
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** MathML as the lesson's reader made it: only elements that a formula needs come that far. */
function plain({ tag, attributes, children }: MathNode, key: number): ComponentChildren {
  const inner = children.map((child, at) => (typeof child === "string" ? child : plain(child, at)));
  return h(tag, { ...attributes, key }, ...inner);
}

/** The explained places of a formula in reading order. */
function placesOf(node: MathNode): MathNode[] {
  if (node.symbol !== undefined) return [node];
  return node.children.flatMap((child) => (typeof child === "string" ? [] : placesOf(child)));
}
