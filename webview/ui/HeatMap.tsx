/** A heat map of numbers in rows and columns: sharp on any display, read by pointer and by keyboard, with its legend. */

import "./HeatMap.css";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import {
  type Cell,
  cellAt,
  drawHeatMap,
  drawMarks,
  drawRamp,
  drawThumbnail,
  type HeatData,
  type HeatGeometry,
  type HeatSquare,
  heatGeometry,
  largest,
} from "./HeatMapCanvas.js";
import { type HeatScale, heatValue } from "./heatScale.js";
import { type CanvasTheme, useCanvasTheme } from "./theme.js";

export interface HeatMapProps {
  /** What the map shows, for those who do not see it. */
  label: string;
  data: HeatData;
  scale: HeatScale;
  /** The row that the rest of the page is about. */
  chosenRow: number | undefined;
  /** What a click or Enter does: said to those who use the keyboard. */
  choosing?: string;
  /** What one cell says: "total looks at let: 0.41". */
  describe(row: number, column: number): string;
  /** A number on the legend. */
  formatValue(value: number): string;
  onChoose(cell: Cell): void;
  /** The cell under the pointer or the keyboard's cursor. */
  onCell?(cell: Cell | undefined): void;
}

export function HeatMap(props: HeatMapProps) {
  const { data, scale, chosenRow } = props;
  const theme = useCanvasTheme();
  const box = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const space = useSpace(box);
  const [cell, setCell] = useState<Cell>();

  const geometry = useMemo(() => {
    const measure = document.createElement("canvas").getContext("2d");
    return measure && space.width > 0 ? heatGeometry(data, theme, space, measure) : undefined;
  }, [data.rowLabels, data.columnLabels, data.picture === undefined, theme, space]);

  // Painted before the browser shows the frame, or a resized canvas would flash empty.
  useLayoutEffect(() => {
    if (geometry && base.current) drawHeatMap(base.current, data, theme, geometry, scale);
  }, [data, theme, geometry, scale]);
  useLayoutEffect(() => {
    if (geometry && marks.current) drawMarks(marks.current, data, theme, geometry, { chosenRow, cell });
  }, [data, theme, geometry, chosenRow, cell]);
  // Another text has other cells.
  useEffect(() => setCell(undefined), [data.rowLabels, data.columnLabels]);

  const moveTo = (next: Cell | undefined) => {
    if (next?.row === cell?.row && next?.column === cell?.column) return;
    setCell(next);
    props.onCell?.(next);
  };
  const onPointer = (event: MouseEvent) => {
    if (!geometry) return undefined;
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return cellAt(geometry, data, event.clientX - left, event.clientY - top);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = cell ?? { row: chosenRow ?? data.rowLabels.length - 1, column: 0 };
    if (event.key === "Enter" || event.key === " ") props.onChoose(from);
    else if (event.key === "Escape") moveTo(undefined);
    else {
      const next = cell ? moved(from, event.key, data) : moved(from, event.key, data) && from;
      if (!next) return;
      moveTo(next);
    }
    event.preventDefault();
  };

  const size = geometry && {
    width: `${geometry.width / geometry.ratio}px`,
    height: `${geometry.height / geometry.ratio}px`,
  };
  const said = cell ? props.describe(cell.row, cell.column) : "";
  return (
    <div class="gb-heat" ref={box}>
      <div class="gb-heat-map" style={size ?? {}}>
        <canvas ref={base} style={size ?? {}} />
        {/* Of up to 65,536 cells none can be an element: one widget whose cursor says where it is. */}
        <canvas
          ref={marks}
          class="gb-heat-marks"
          aria-roledescription={t("heat map")}
          aria-label={t(
            "{0}. Arrow keys move from cell to cell, {1}.",
            props.label,
            props.choosing ?? t("Enter chooses the row"),
          )}
          tabIndex={0}
          style={size ?? {}}
          onKeyDown={onKeyDown}
          onMouseMove={(event) => moveTo(onPointer(event))}
          onMouseLeave={() => moveTo(undefined)}
          onBlur={() => moveTo(undefined)}
          onClick={(event) => {
            const clicked = onPointer(event);
            if (clicked) props.onChoose(clicked);
          }}
        />
        {cell && geometry && <Readout cell={cell} geometry={geometry} text={said} />}
      </div>
      <span class="gb-visually-hidden" aria-live="polite">
        {said}
      </span>
      {!data.picture && <Legend max={largest(data.values)} scale={scale} theme={theme} props={props} />}
    </div>
  );
}

/** The next cell in the direction of a key; undefined for other keys. */
function moved({ row, column }: Cell, key: string, data: HeatData): Cell | undefined {
  const lastColumn = (of: number) => (data.causal ? of : data.columnLabels.length - 1);
  switch (key) {
    case "ArrowUp": {
      const up = Math.max(0, row - 1);
      return { row: up, column: Math.min(column, lastColumn(up)) };
    }
    case "ArrowDown":
      return { row: Math.min(data.rowLabels.length - 1, row + 1), column };
    case "ArrowLeft":
      return { row, column: Math.max(0, column - 1) };
    case "ArrowRight":
      return { row, column: Math.min(lastColumn(row), column + 1) };
    case "Home":
      return { row, column: 0 };
    case "End":
      return { row, column: lastColumn(row) };
    default:
      return undefined;
  }
}

/** The number beside the pointer, on the side where there is room. */
function Readout({ cell, geometry, text }: { cell: Cell; geometry: HeatGeometry; text: string }) {
  const { ratio, left, top, cell: step, rise, width } = geometry;
  const x = (left + (cell.column + 1) * step) / ratio;
  const y = (top + (cell.row + 1) * rise) / ratio;
  const rightHalf = x > width / ratio / 2;
  return (
    <div
      class="gb-heat-readout"
      aria-hidden="true"
      style={{
        top: `${y + 6}px`,
        ...(rightHalf ? { right: `${width / ratio - x + step / ratio + 4}px` } : { left: `${x + 6}px` }),
      }}
    >
      {text}
    </div>
  );
}

function Legend(legend: { max: number; scale: HeatScale; theme: CanvasTheme; props: HeatMapProps }) {
  const { max, scale, theme, props } = legend;
  const ramp = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (ramp.current) drawRamp(ramp.current, theme);
  }, [theme]);
  const lowest = heatValue(0, max, scale);
  return (
    <div class="gb-heat-legend">
      <span>{scale === "log" ? `≤ ${props.formatValue(lowest)}` : props.formatValue(lowest)}</span>
      <span class="gb-heat-ramp">
        <canvas ref={ramp} width={160} height={10} />
        <span>{props.formatValue(heatValue(0.5, max, scale))}</span>
      </span>
      <span>{props.formatValue(max)}</span>
      {props.data.causal && props.data.rowLabels.length > 1 && (
        <span class="gb-heat-masked">
          <span class="gb-heat-hatch" aria-hidden="true" /> {t("masked: a token cannot look ahead")}
        </span>
      )}
    </div>
  );
}

/** One of many small maps: what it looks like, without labels. */
export function HeatMapThumbnail(props: {
  data: HeatSquare;
  scale: HeatScale;
  theme: CanvasTheme;
  /** Side in CSS pixels. */
  side: number;
}) {
  const { data, scale, theme, side } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (!canvas.current) return;
    drawThumbnail(canvas.current, data, theme, Math.round(side * devicePixelRatio), scale);
  }, [data, scale, theme, side]);
  return <canvas ref={canvas} style={{ width: `${side}px`, height: `${side}px` }} />;
}

interface Space {
  /** CSS pixels. */
  width: number;
  height: number;
  ratio: number;
}

/** How much room there is, kept up to date; a map is never higher than the window. */
function useSpace(box: { current: HTMLElement | null }): Space {
  const [space, setSpace] = useState<Space>({ width: 0, height: 0, ratio: 1 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const next = {
        width: element.clientWidth,
        height: Math.max(280, window.innerHeight - 220),
        ratio: devicePixelRatio,
      };
      setSpace((now) =>
        now.width === next.width && now.height === next.height && now.ratio === next.ratio ? now : next,
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // The window's height and the zoom change without the element's width.
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, []);
  return space;
}
