/** How a number becomes a colour: the linear or logarithmic scale, and a perceptually even ramp of the theme. */

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** OKLab: lightness 0 to 1, and two colour axes (Ottosson 2020, https://bottosson.github.io/posts/oklab/). */
type Lab = readonly [number, number, number];

export type HeatScale = "linear" | "log";

/** How far below the largest value a logarithmic scale reaches. */
const LOG_RANGE = 1000;

/** Where a value lies on the scale from 0 to `max`: 0 to 1. On the log scale, `max / 1000` and below are 0. */
export function heatPosition(value: number, max: number, scale: HeatScale): number {
  if (!(value > 0) || !(max > 0)) return 0;
  const share = Math.min(1, value / max);
  if (scale === "linear") return share;
  return Math.max(0, 1 + Math.log(share) / Math.log(LOG_RANGE));
}

/** The value at a place of the scale: the inverse of `heatPosition`. */
export function heatValue(position: number, max: number, scale: HeatScale): number {
  return scale === "linear" ? position * max : max * LOG_RANGE ** (position - 1);
}

function linear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function gamma(light: number): number {
  const c = Math.min(1, Math.max(0, light));
  return 255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
}

export function toLab([red, green, blue]: Rgb): Lab {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    Math.round(gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)),
    Math.round(gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)),
    Math.round(gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)),
  ];
}

/** The ends of a ramp lie at least so far apart in lightness, so that it can be read without colour. */
const LEAST_CONTRAST = 0.4;

/** The ramp begins a little above the ground: a cell of zero is still seen to be a cell. */
const FIRST_STEP = 0.06;

/** `steps` colours in even steps of OKLab from just above the ground to the accent; lightness only rises or falls. */
export function colourRamp(ground: Rgb, accent: Rgb, steps: number): Rgb[] {
  const from = toLab(ground);
  let to = toLab(accent);
  const away = from[0] < 0.5 ? 1 : -1;
  if ((to[0] - from[0]) * away < LEAST_CONTRAST) to = [from[0] + away * LEAST_CONTRAST, to[1], to[2]];
  return Array.from({ length: steps }, (_, step) => {
    const t = FIRST_STEP + ((1 - FIRST_STEP) * step) / Math.max(1, steps - 1);
    return fromLab([
      from[0] + t * (to[0] - from[0]),
      from[1] + t * (to[1] - from[1]),
      from[2] + t * (to[2] - from[2]),
    ]);
  });
}
