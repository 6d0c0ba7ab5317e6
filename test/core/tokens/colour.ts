/** Colours as the eye meets them: contrast after WCAG 2.1, distance in OKLab, and sight without one kind of cone. */

/** Red, green and blue from 0 to 1, as sRGB encodes them. */
export type Rgb = readonly [number, number, number];

/** `#rrggbb` or `#rrggbbaa`. */
export function parseColour(hex: string): { rgb: Rgb; alpha: number } {
  const bytes = hex.match(/[0-9a-f]{2}/gi)!.map((pair) => Number.parseInt(pair, 16) / 255);
  return { rgb: [bytes[0]!, bytes[1]!, bytes[2]!], alpha: bytes[3] ?? 1 };
}

/** What is seen of a colour over an opaque one. */
export function over(hex: string, ground: Rgb): Rgb {
  const { rgb, alpha } = parseColour(hex);
  return map((channel) => rgb[channel] * alpha + ground[channel] * (1 - alpha));
}

function map(channelOf: (channel: 0 | 1 | 2) => number): Rgb {
  return [channelOf(0), channelOf(1), channelOf(2)];
}

function linear(rgb: Rgb): Rgb {
  return map((channel) => {
    const value = rgb[channel];
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** Contrast of two colours, 1 to 21 (WCAG 2.1, success criterion 1.4.3). */
export function contrast(a: Rgb, b: Rgb): number {
  const luminance = (rgb: Rgb) => {
    const [r, g, blue] = linear(rgb);
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/**
 * Linear RGB as seen without one kind of cone (Machado, Oliveira and Fernandes, "A Physiologically-based Model for
 * Simulation of Color Vision Deficiency", 2009, severity 1.0).
 */
export const VISIONS: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  ordinary: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** The distance of two colours in OKLab (Ottosson, 2020) for one kind of sight; black and white are 1 apart. */
export function distance(a: Rgb, b: Rgb, vision: keyof typeof VISIONS): number {
  const [left, right] = [a, b].map((rgb) => {
    const [r, g, blue] = linear(rgb);
    const seen = VISIONS[vision]!.map(([x, y, z]) => Math.min(1, Math.max(0, x * r + y * g + z * blue)));
    return okLab(seen as unknown as Rgb);
  }) as [Rgb, Rgb];
  return Math.hypot(left[0] - right[0], left[1] - right[1], left[2] - right[2]);
}

function okLab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
