/**
 * A part of the page as an SVG picture of its own: boxes, text as text, canvases as images. Nothing in it refers to
 * the page or to a file, so that it looks the same anywhere.
 */

import { t } from "../../src/shared/l10n.js";

/** Room around the picture and between it and the lines below, in CSS pixels. */
const MARGIN = 16;
const LINE_HEIGHT = 16;
const LINE_SIZE = 11;
/** What is written below gets at least this much room. */
const NARROWEST = 360;
/** Boxes that are only there for screen readers are no larger than this. */
const SMALLEST = 2;

export interface Picture {
  svg: string;
  /** In CSS pixels. */
  width: number;
  height: number;
}

interface Sheet {
  /** Where the picture's corner lies in the window. */
  left: number;
  top: number;
  parts: string[];
  clips: number;
  canvas: CanvasRenderingContext2D;
}

/**
 * @param element what is to be seen now; what is scrolled out of sight inside of it is left out.
 * @param lines written below it: what it shows, and where it comes from.
 */
export function pictureOf(element: Element, lines: readonly string[]): Picture {
  const canvas = document.createElement("canvas").getContext("2d");
  if (!canvas) throw new Error(t("This window draws on no canvas."));
  const box = element.getBoundingClientRect();
  const page = getComputedStyle(document.body);
  const sheet: Sheet = { left: box.left - MARGIN, top: box.top - MARGIN, parts: [], clips: 0, canvas };
  draw(element, sheet);
  const ground = page.getPropertyValue("--gb-ground").trim() || page.backgroundColor;
  const room = Math.max(box.width, NARROWEST);
  const width = Math.ceil(room + 2 * MARGIN);
  canvas.font = `${LINE_SIZE}px ${page.fontFamily}`;
  const broken = lines.flatMap((line) => brokenLines(canvas, line, room));
  const below = box.height + 2 * MARGIN;
  const height = Math.ceil(below + broken.length * LINE_HEIGHT + (broken.length > 0 ? MARGIN / 2 : 0));
  const said = broken.map(
    (line, at) =>
      `<text x="${MARGIN}" y="${below + at * LINE_HEIGHT + LINE_SIZE / 2}" font-family="${escaped(page.fontFamily)}" font-size="${LINE_SIZE}" fill="${page.color}">${escaped(line)}</text>`,
  );
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<desc>${escaped(lines.join("\n"))}</desc>`,
    `<rect width="${width}" height="${height}" fill="${escaped(ground)}"/>`,
    ...sheet.parts,
    ...said,
    "</svg>",
  ].join("\n");
  return { svg, width, height };
}

/** The picture in pixels, `scale` of them to a CSS pixel. */
export async function pngOf({ svg, width, height }: Picture, scale = 2): Promise<Uint8Array> {
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
  if (!blob)
    throw new Error(
      t("A picture of {0} by {1} pixels is too large for a PNG file.", canvas.width, canvas.height),
    );
  return new Uint8Array(await blob.arrayBuffer());
}

function draw(element: Element, sheet: Sheet): void {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return;
  if (
    style.display !== "contents" &&
    style.overflow !== "visible" &&
    Math.max(box.width, box.height) <= SMALLEST
  )
    return;
  const { parts } = sheet;
  const groups: string[] = [];
  if (style.opacity !== "1") groups.push(`opacity="${style.opacity}"`);
  if (hides(element, style)) groups.push(`clip-path="url(#${clip(box, sheet)})"`);
  for (const attributes of groups) parts.push(`<g ${attributes}>`);
  if (element instanceof HTMLCanvasElement) {
    parts.push(`<image ${placeOf(box, sheet)} href="${element.toDataURL()}"/>`);
  } else if (element instanceof SVGSVGElement) {
    drawSvg(element, box, sheet);
  } else {
    drawBox(style, box, sheet);
    for (const child of element.childNodes) {
      if (child instanceof Element) draw(child, sheet);
      else if (child instanceof Text) drawText(child, style, sheet);
    }
  }
  for (const _ of groups) parts.push("</g>");
}

/** Whether there is more in an element than it lets be seen. */
function hides(element: Element, style: CSSStyleDeclaration): boolean {
  if (style.overflow === "visible") return false;
  return element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
}

function clip(box: DOMRect, sheet: Sheet): string {
  const id = `clip-${sheet.clips++}`;
  sheet.parts.push(`<clipPath id="${id}"><rect ${placeOf(box, sheet)}/></clipPath>`);
  return id;
}

function placeOf({ left, top, width, height }: DOMRect, sheet: Sheet): string {
  return `x="${short(left - sheet.left)}" y="${short(top - sheet.top)}" width="${short(width)}" height="${short(height)}"`;
}

const SIDES = ["Top", "Right", "Bottom", "Left"] as const;

function drawBox(style: CSSStyleDeclaration, box: DOMRect, sheet: Sheet): void {
  if (box.width === 0 || box.height === 0) return;
  const radius = Number.parseFloat(style.borderTopLeftRadius) || 0;
  if (isSeen(style.backgroundColor)) {
    const rounded = radius > 0 ? ` rx="${short(Math.min(radius, box.width / 2, box.height / 2))}"` : "";
    sheet.parts.push(`<rect ${placeOf(box, sheet)}${rounded} fill="${style.backgroundColor}"/>`);
  }
  for (const side of SIDES) {
    const width = Number.parseFloat(style[`border${side}Width`]);
    const kind = style[`border${side}Style`];
    const colour = style[`border${side}Color`];
    if (!(width > 0) || kind === "none" || kind === "hidden" || !isSeen(colour)) continue;
    const half = width / 2;
    const [left, top] = [box.left - sheet.left, box.top - sheet.top];
    const [right, bottom] = [left + box.width, top + box.height];
    const ends = {
      Top: [left, top + half, right, top + half],
      Right: [right - half, top, right - half, bottom],
      Bottom: [left, bottom - half, right, bottom - half],
      Left: [left + half, top, left + half, bottom],
    }[side].map(short);
    const dashes = { dashed: [3, 2], dotted: [1, 1] }[kind]?.map((length) => short(length * width)).join(" ");
    sheet.parts.push(
      `<line x1="${ends[0]}" y1="${ends[1]}" x2="${ends[2]}" y2="${ends[3]}" stroke="${colour}" stroke-width="${short(width)}"${dashes ? ` stroke-dasharray="${dashes}"` : ""}/>`,
    );
  }
}

/** The text as it is broken into lines on the page. */
function drawText(node: Text, style: CSSStyleDeclaration, sheet: Sheet): void {
  const range = document.createRange();
  let line: { text: string; box: DOMRect } | undefined;
  const end = () => {
    if (line && line.text.trim() !== "") writeLine(line.text, line.box, style, sheet);
    line = undefined;
  };
  let at = 0;
  for (const character of node.data) {
    range.setStart(node, at);
    at += character.length;
    range.setEnd(node, at);
    const box = range.getBoundingClientRect();
    // Spaces that a line break has swallowed.
    if (box.width === 0 && box.height === 0) continue;
    if (line && Math.abs(line.box.top - box.top) < box.height / 2) {
      line.text += character;
      line.box = new DOMRect(line.box.left, line.box.top, box.right - line.box.left, line.box.height);
    } else {
      end();
      line = { text: character, box };
    }
  }
  end();
}

function writeLine(text: string, box: DOMRect, style: CSSStyleDeclaration, sheet: Sheet): void {
  const { canvas } = sheet;
  canvas.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = canvas.measureText(text);
  const baseline = box.top - sheet.top + (box.height * ascent) / (ascent + descent);
  const start = style.direction === "rtl" ? ' direction="rtl"' : "";
  const x = style.direction === "rtl" ? box.right : box.left;
  const slant = style.fontStyle === "normal" ? "" : ` font-style="${style.fontStyle}"`;
  sheet.parts.push(
    `<text x="${short(x - sheet.left)}" y="${short(baseline)}"${start} xml:space="preserve" font-family="${escaped(style.fontFamily)}" font-size="${style.fontSize}" font-weight="${style.fontWeight}"${slant} fill="${style.color}">${escaped(text)}</text>`,
  );
}

/** What a drawing inside the page takes from the style sheet. */
const PRESENTATION = [
  "fill",
  "fill-opacity",
  "font-family",
  "font-size",
  "font-weight",
  "opacity",
  "stroke",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-width",
  "text-anchor",
  "dominant-baseline",
];

function drawSvg(element: SVGSVGElement, box: DOMRect, sheet: Sheet): void {
  const copy = element.cloneNode(true) as SVGSVGElement;
  const [originals, copies] = [
    [element, ...element.querySelectorAll("*")],
    [copy, ...copy.querySelectorAll("*")],
  ];
  originals.forEach((original, at) => {
    const style = getComputedStyle(original);
    for (const name of PRESENTATION) copies[at]?.setAttribute(name, style.getPropertyValue(name));
  });
  for (const [name, value] of [
    ["x", box.left - sheet.left],
    ["y", box.top - sheet.top],
    ["width", box.width],
    ["height", box.height],
  ] as const) {
    copy.setAttribute(name, short(value));
  }
  sheet.parts.push(new XMLSerializer().serializeToString(copy));
}

/** A text in lines of at most `room`: broken between words, and inside those that are longer. */
function brokenLines(canvas: CanvasRenderingContext2D, text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of text
    .split(/(?<=\s)/)
    .flatMap((word) => (fits(canvas, word, room) ? [word] : [...word]))) {
    if (line !== "" && !fits(canvas, line + part, room)) {
      lines.push(line);
      line = "";
    }
    line += part;
  }
  return [...lines, line];
}

function fits(canvas: CanvasRenderingContext2D, text: string, room: number): boolean {
  return canvas.measureText(text.trimEnd()).width <= room;
}

/** Whether a colour as the browser computes it is more than transparent. */
function isSeen(colour: string): boolean {
  return colour !== "transparent" && !/(?:,|\/)\s*0(?:\.0+)?\)$/.test(colour);
}

function short(length: number): string {
  return String(Math.round(length * 100) / 100);
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;")
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
