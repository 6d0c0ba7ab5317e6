/** How many columns of the code font fit into an element, and how many a string takes as the browser draws it. */

import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

export interface Columns {
  count: number;
  /** CSS pixels of one column. */
  pixels: number;
  /** Columns that a string takes, at least 1. */
  widthOf(text: string): number;
}

/** As much of a column may be missing before a character is given one more: glyphs seldom fill their box. */
const TOLERANCE = 0.2;
const PROBE = "0".repeat(50);

/**
 * @param box the element whose content is laid out.
 * @param reserved CSS pixels of its width that are taken by something else.
 * @returns undefined before the first measurement, or while the element has no width.
 */
export function useColumns(
  box: RefObject<HTMLElement | null>,
  reserved: (width: number) => number,
): Columns | undefined {
  const [columns, setColumns] = useState<Columns>();
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const probe = document.createElement("span");
    probe.className = "cmp-probe gb-code";
    probe.textContent = PROBE;
    probe.setAttribute("aria-hidden", "true");
    element.append(probe);
    let font = "";
    const measure = () => {
      const width = element.clientWidth;
      const pixels = probe.getBoundingClientRect().width / PROBE.length;
      if (width === 0 || pixels === 0) return;
      const count = Math.max(12, Math.floor((width - reserved(width)) / pixels));
      const style = getComputedStyle(probe);
      const nextFont = `${style.fontSize} ${style.fontFamily}`;
      setColumns((now) =>
        now && now.count === count && now.pixels === pixels && font === nextFont
          ? now
          : { count, pixels, widthOf: measuringIn(nextFont, pixels) },
      );
      font = nextFont;
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // Its size changes with the font.
    observer.observe(probe);
    return () => {
      observer.disconnect();
      probe.remove();
    };
  }, [box]);
  return columns;
}

function measuringIn(font: string, pixels: number): (text: string) => number {
  const context = document.createElement("canvas").getContext("2d");
  const known = new Map<string, number>();
  return (text) => {
    let width = known.get(text);
    if (width === undefined) {
      if (context) context.font = font;
      const drawn = context?.measureText(text).width ?? pixels;
      width = Math.max(1, Math.ceil(drawn / pixels - TOLERANCE));
      known.set(text, width);
    }
    return width;
  };
}
