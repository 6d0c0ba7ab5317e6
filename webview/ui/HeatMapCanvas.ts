/** Draws a heat map: cells in device pixels, labels while there is room, and the marks of what is looked at. */

import { colourRamp, type HeatScale, heatPosition, type Rgb } from "./heatScale.js";
import { type CanvasTheme, css } from "./theme.js";

/** Numbers in rows and columns, each with a name. */
export interface HeatData {
  /** (row, column), row-major; not negative. */
  values: Float32Array;
  /** As many as there are rows, and columns. */
  rowLabels: readonly string[];
  columnLabels: readonly string[];
  /** Only cells with column <= row exist; the others are masked. */
  causal: boolean;
  /** Where a cell is a small picture, not one colour. */
  picture?: (row: number, column: number) => HeatSquare | undefined;
}

/** A square of numbers, as small pictures are made of. */
export interface HeatSquare {
  size: number;
  /** (row, column), row-major; not negative. */
  values: Float32Array | Uint8Array;
}

export interface Cell {
  row: number;
  column: number;
}

/** All lengths in device pixels, whole numbers. */
export interface HeatGeometry {
  ratio: number;
  width: number;
  height: number;
  /** Top left corner of the cells. */
  left: number;
  top: number;
  /** Width of a cell with its gap. */
  cell: number;
  /** Its height; the same, but where there are many more columns than rows. */
  rise: number;
  gap: number;
  /** Every so many rows carry a label, and every so many columns. */
  rowLabelEvery: number;
  columnLabelEvery: number;
  fontSize: number;
}

const LABEL_SIZE = 11;
const LONGEST_LABEL = 84;
const LARGEST_CELL = 34;
/** Cells of few rows are at least so high, however many columns there are. */
const LEAST_RISE = 14;
/** Of a cell with a small picture in it. */
const LARGEST_PICTURE = 64;
const TILT = Math.PI / 3;

/** Numbers of two digits fit above their columns as they are. */
function tiltOf({ columnLabels }: HeatData): number {
  return columnLabels.every((label) => label.length <= 2) ? 0 : TILT;
}

/** A label short enough for an axis. */
function shortened(label: string): string {
  const characters = [...label];
  return characters.length <= 12 ? label : `${characters.slice(0, 11).join("")}…`;
}

function font(theme: CanvasTheme, size: number): string {
  return `${size}px ${theme.codeFont}`;
}

/**
 * Fits a map into a width and height in CSS pixels.
 * @param measure context to measure labels with; its font is changed.
 */
export function heatGeometry(
  data: HeatData,
  theme: CanvasTheme,
  space: { width: number; height: number; ratio: number },
  measure: CanvasRenderingContext2D,
): HeatGeometry {
  const { ratio } = space;
  const fontSize = Math.round(LABEL_SIZE * ratio);
  measure.font = font(theme, fontSize);
  const longest = (labels: readonly string[]) =>
    Math.min(
      LONGEST_LABEL * ratio,
      Math.max(0, ...labels.map((label) => measure.measureText(shortened(label)).width)),
    );
  const margin = Math.round(6 * ratio);
  const left = Math.ceil(longest(data.rowLabels)) + margin;
  const across = longest(data.columnLabels);
  const tilt = tiltOf(data);
  const top = Math.ceil(Math.sin(tilt) * across + fontSize / (tilt === 0 ? 1 : 2)) + margin;
  // Tilted labels of the last columns reach out to the right of the cells.
  const right = tilt === 0 ? 0 : Math.ceil(Math.cos(tilt) * across);
  const rows = data.rowLabels.length;
  const columns = data.columnLabels.length;
  const cell = Math.max(
    1,
    Math.min(
      Math.floor((space.width * ratio - left - right) / columns),
      Math.floor(Math.max(160 * ratio, space.height * ratio - top) / rows),
      Math.floor((data.picture ? LARGEST_PICTURE : LARGEST_CELL) * ratio),
    ),
  );
  const roomForRows = Math.floor(Math.max(160 * ratio, space.height * ratio - top) / rows);
  const rise =
    data.causal || data.picture
      ? cell
      : Math.max(cell, Math.min(roomForRows, Math.round(LEAST_RISE * ratio)));
  const labelEvery = (step: number) => Math.ceil((LABEL_SIZE * 1.25 * ratio) / step);
  return {
    ratio,
    left,
    top,
    cell,
    rise,
    gap: cell >= 7 * ratio ? Math.round(ratio) : cell >= 4 ? 1 : 0,
    width: left + cell * columns + right,
    height: top + rise * rows + Math.round(2 * ratio),
    rowLabelEvery: labelEvery(rise),
    columnLabelEvery: labelEvery(cell),
    fontSize,
  };
}

/** The largest value: the upper end of the scale. */
export function largest(values: Float32Array | Uint8Array): number {
  let max = 0;
  for (const value of values) if (value > max) max = value;
  return max;
}

const RAMP_STEPS = 256;

/** The ramp as little-endian RGBA words, ready to be written into image data. */
function rampWords(theme: CanvasTheme): Uint32Array {
  return Uint32Array.from(colourRamp(theme.ground, theme.accent, RAMP_STEPS), word);
}

function word([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The cells: what stays while the pointer moves. */
export function drawHeatMap(
  canvas: HTMLCanvasElement,
  data: HeatData,
  theme: CanvasTheme,
  geometry: HeatGeometry,
  scale: HeatScale,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  canvas.width = geometry.width;
  canvas.height = geometry.height;
  const cells = cellImage(context, data, theme, geometry, scale);
  context.putImageData(cells, geometry.left, geometry.top);
  // Where nothing is as dark as the ground, the map still has an edge.
  context.strokeStyle = css(theme.line);
  context.lineWidth = Math.max(1, Math.round(geometry.ratio));
  context.strokeRect(geometry.left, geometry.top, cells.width, cells.height);
}

function cellImage(
  context: CanvasRenderingContext2D,
  { rowLabels, columnLabels, values, causal, picture }: HeatData,
  theme: CanvasTheme,
  { cell, rise, gap, ratio }: HeatGeometry,
  scale: HeatScale,
): ImageData {
  const columns = columnLabels.length;
  const width = cell * columns;
  const image = context.createImageData(width, rise * rowLabels.length);
  const pixels = new Uint32Array(image.data.buffer);
  const ramp = rampWords(theme);
  const ground = word(theme.ground);
  const hatch = word(theme.hatch);
  const period = Math.round(6 * ratio);
  const stroke = Math.max(1, Math.round(ratio));
  const max = largest(values);
  pixels.fill(ground);
  if (picture) {
    for (let row = 0; row < rowLabels.length; row++) {
      for (let column = 0; column < columns; column++) {
        const square = picture(row, column);
        const corner = row * cell * width + column * cell;
        if (square) drawPicture(pixels, width, corner, cell - gap, square, ramp, scale);
      }
    }
    return image;
  }
  for (let row = 0; row < rowLabels.length; row++) {
    for (let y = row * rise; y < (row + 1) * rise; y++) {
      const inGap = y >= (row + 1) * rise - gap;
      for (let column = 0; column < columns; column++) {
        const start = y * width + column * cell;
        if (causal && column > row) {
          for (let x = 0; x < cell; x++) {
            if ((column * cell + x + y) % period < stroke) pixels[start + x] = hatch;
          }
        } else if (!inGap) {
          const position = heatPosition(values[row * columns + column] ?? 0, max, scale);
          pixels.fill(ramp[Math.round(position * (RAMP_STEPS - 1))] ?? ground, start, start + cell - gap);
        }
      }
    }
  }
  return image;
}

/** Scales a lower triangle to a place of the image: each pixel the largest number that falls on it. */
function drawPicture(
  pixels: Uint32Array,
  width: number,
  corner: number,
  side: number,
  { size, values }: HeatSquare,
  ramp: Uint32Array,
  scale: HeatScale,
): void {
  const max = largest(values);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x <= y; x++) {
      const position = heatPosition(largestUnder(x, y, side, { size, values }), max, scale);
      pixels[corner + y * width + x] = ramp[Math.round(position * (RAMP_STEPS - 1))] ?? 0;
    }
  }
}

/** The largest number of a square that falls on a pixel of `side` by `side`. */
function largestUnder(x: number, y: number, side: number, { size, values }: HeatSquare): number {
  const first = (pixel: number) => Math.floor((pixel * size) / side);
  const end = (pixel: number) => Math.max(first(pixel) + 1, first(pixel + 1));
  let value = 0;
  for (let row = first(y); row < end(y); row++) {
    for (let column = first(x); column < end(x); column++) {
      value = Math.max(value, values[row * size + column] ?? 0);
    }
  }
  return value;
}

function drawRowLabel(
  context: CanvasRenderingContext2D,
  { rowLabels }: HeatData,
  { left, top, rise, gap, ratio }: HeatGeometry,
  row: number,
): void {
  context.textAlign = "right";
  context.textBaseline = "middle";
  const x = left - Math.round(5 * ratio);
  context.fillText(
    shortened(rowLabels[row] ?? ""),
    x,
    top + row * rise + (rise - gap) / 2,
    LONGEST_LABEL * ratio,
  );
}

function drawColumnLabel(
  context: CanvasRenderingContext2D,
  data: HeatData,
  { left, top, cell, gap, ratio }: HeatGeometry,
  column: number,
): void {
  const { columnLabels } = data;
  const tilt = tiltOf(data);
  context.save();
  context.textAlign = tilt === 0 ? "center" : "left";
  context.textBaseline = "middle";
  context.translate(left + column * cell + (cell - gap) / 2, top - Math.round(5 * ratio));
  context.rotate(-tilt);
  context.fillText(shortened(columnLabels[column] ?? ""), 0, 0, LONGEST_LABEL * ratio);
  context.restore();
}

/** The axes, the chosen row, and the row and column under the pointer: redrawn at every move. */
export function drawMarks(
  canvas: HTMLCanvasElement,
  data: HeatData,
  theme: CanvasTheme,
  geometry: HeatGeometry,
  marks: { chosenRow: number | undefined; cell: Cell | undefined },
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  if (canvas.width !== geometry.width || canvas.height !== geometry.height) {
    canvas.width = geometry.width;
    canvas.height = geometry.height;
  } else context.clearRect(0, 0, canvas.width, canvas.height);
  const { left, top, cell, rise, gap, ratio } = geometry;
  const stroke = Math.max(1, Math.round(ratio));
  const frame = (x: number, y: number, columns: number, rows: number, colour: string, width = stroke) => {
    context.strokeStyle = colour;
    context.lineWidth = width;
    const outside = width / 2;
    context.strokeRect(
      left + x * cell - outside,
      top + y * rise - outside,
      columns * cell - gap + 2 * outside,
      rows * rise - gap + 2 * outside,
    );
  };
  const reach = (row: number) => (data.causal ? row + 1 : data.columnLabels.length);
  // Of two marked rows that stand too close for two labels, the one under the pointer is named.
  const rows = marks.cell ? [marks.cell.row] : [];
  const { chosenRow } = marks;
  if (chosenRow !== undefined && rows.every((row) => Math.abs(row - chosenRow) >= geometry.rowLabelEvery)) {
    rows.push(chosenRow);
  }
  drawAxis(context, data, theme, geometry, "rows", rows);
  drawAxis(context, data, theme, geometry, "columns", marks.cell ? [marks.cell.column] : []);
  if (chosenRow !== undefined) frame(0, chosenRow, reach(chosenRow), 1, css(theme.text));
  if (!marks.cell) return;
  const { row, column } = marks.cell;
  const firstRow = data.causal ? column : 0;
  frame(0, row, reach(row), 1, css(theme.focus));
  frame(column, firstRow, 1, data.rowLabels.length - firstRow, css(theme.focus));
  frame(column, row, 1, 1, css(theme.text), 2 * stroke);
}

/** The labels of one axis: the marked ones always, of the others as many as leave them room. */
function drawAxis(
  context: CanvasRenderingContext2D,
  data: HeatData,
  theme: CanvasTheme,
  geometry: HeatGeometry,
  axis: "rows" | "columns",
  marked: readonly number[],
): void {
  const [draw, count, every] =
    axis === "rows"
      ? [drawRowLabel, data.rowLabels.length, geometry.rowLabelEvery]
      : [drawColumnLabel, data.columnLabels.length, geometry.columnLabelEvery];
  context.font = font(theme, geometry.fontSize);
  context.fillStyle = css(theme.dim);
  for (let index = 0; index < count; index += every) {
    const free = marked.every((other) => Math.abs(other - index) >= every);
    if (free) draw(context, data, geometry, index);
  }
  context.font = `bold ${font(theme, geometry.fontSize)}`;
  context.fillStyle = css(theme.text);
  for (const index of marked) draw(context, data, geometry, index);
}

/** The cell at a place in CSS pixels of the canvas, if there is one. */
export function cellAt(geometry: HeatGeometry, data: HeatData, x: number, y: number): Cell | undefined {
  const column = Math.floor((x * geometry.ratio - geometry.left) / geometry.cell);
  const row = Math.floor((y * geometry.ratio - geometry.top) / geometry.rise);
  if (row < 0 || column < 0) return undefined;
  if (row >= data.rowLabels.length || column >= data.columnLabels.length) return undefined;
  return data.causal && column > row ? undefined : { row, column };
}

/** A map as a thumbnail of `side` device pixels: the largest value that falls on a pixel decides its colour. */
export function drawThumbnail(
  canvas: HTMLCanvasElement,
  { size, values }: HeatSquare,
  theme: CanvasTheme,
  side: number,
  scale: HeatScale,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  canvas.width = side;
  canvas.height = side;
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(word(theme.ground));
  drawPicture(pixels, side, 0, side, { size, values }, rampWords(theme), scale);
  context.putImageData(image, 0, 0);
}

/** The ramp from left to right, for the legend. */
export function drawRamp(canvas: HTMLCanvasElement, theme: CanvasTheme): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ramp = colourRamp(theme.ground, theme.accent, canvas.width);
  for (const [x, colour] of ramp.entries()) {
    context.fillStyle = css(colour);
    context.fillRect(x, 0, 1, canvas.height);
  }
}
