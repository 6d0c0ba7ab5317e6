/**
 * The tables of figures that grid-quantised formats are defined by, and that of GELU. The grids are those of the
 * formats (ggml-common.h, `iq2xxs_grid`), kept here in a shorter spelling.
 */

import { floatToHalf, halfToFloat } from "../gguf/half.js";
import type { Arena, Pointer } from "./kernel.js";

/** Where the tables lie in the kernel's memory. */
export interface TablePointers {
  iq2xxsGrid: Pointer;
  signs: Pointer;
  /** Present where the model's activation is GELU. */
  gelu: Pointer | undefined;
}

/** Makes room for the tables. */
export function placeTables(arena: Arena, options: { gelu: boolean }): TablePointers {
  return {
    iq2xxsGrid: arena.take(256 * 8),
    signs: arena.take(128 * 8),
    gelu: options.gelu ? arena.floats(65_536) : undefined,
  };
}

/** Fills the tables, once there is memory where they are to be. */
export function writeTables(memory: WebAssembly.Memory, tables: TablePointers): void {
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(iq2xxsGrid(), tables.iq2xxsGrid);
  bytes.set(new Uint8Array(signPatterns().buffer), tables.signs);
  if (tables.gelu !== undefined) new Float32Array(memory.buffer, tables.gelu, 65_536).set(geluTable());
}

/** The three magnitudes that a weight on the grid may have. */
const MAGNITUDES = [8, 25, 43] as const;

/** Every row of the grid as eight base-3 digits, the first weight lowest; a digit chooses the magnitude. */
const IQ2_XXS_ROWS: readonly number[] = [
  0, 2, 4, 6, 8, 10, 12, 18, 20, 24, 26, 28, 30, 36, 42, 46, 48, 54, 56, 62, 74, 82, 84, 90, 94, 108, 138,
  150, 162, 164, 182, 218, 244, 246, 252, 262, 264, 270, 272, 276, 288, 298, 300, 306, 318, 324, 326, 330,
  342, 356, 376, 378, 388, 412, 414, 432, 462, 480, 486, 490, 492, 498, 510, 514, 516, 522, 524, 546, 570,
  594, 650, 660, 730, 732, 738, 748, 756, 774, 786, 792, 796, 810, 816, 828, 846, 854, 864, 912, 922, 972,
  978, 990, 994, 1006, 1026, 1068, 1100, 1134, 1148, 1216, 1218, 1224, 1242, 1270, 1296, 1300, 1368, 1414,
  1458, 1460, 1466, 1488, 1504, 1512, 1514, 1564, 1572, 1620, 1622, 1702, 1704, 1710, 1728, 1742, 1782, 1810,
  1830, 1926, 1950, 1962, 2010, 2136, 2188, 2190, 2196, 2202, 2206, 2208, 2214, 2220, 2228, 2232, 2242, 2244,
  2250, 2268, 2286, 2314, 2322, 2326, 2350, 2358, 2382, 2390, 2400, 2430, 2436, 2448, 2484, 2500, 2522, 2532,
  2592, 2674, 2676, 2682, 2700, 2704, 2754, 2796, 2800, 2810, 2866, 2898, 2916, 2922, 2926, 2932, 2934, 2970,
  2976, 3000, 3026, 3072, 3142, 3222, 3224, 3248, 3322, 3360, 3402, 3412, 3418, 3450, 3510, 3570, 3648, 3654,
  3672, 3696, 3726, 3766, 3822, 3852, 3888, 3892, 3978, 3980, 4026, 4160, 4374, 4376, 4382, 4402, 4430, 4458,
  4470, 4482, 4546, 4618, 4620, 4626, 4630, 4644, 4662, 4698, 4730, 4764, 4786, 4806, 4824, 4862, 4944, 5032,
  5106, 5112, 5124, 5130, 5176, 5198, 5238, 5296, 5346, 5366, 5376, 5464, 5644, 5688, 5834, 5868, 5890, 5920,
  5994, 6090, 6354, 6402,
];

/** (256, 8) u8: the magnitudes of eight neighbouring weights. */
function iq2xxsGrid(): Uint8Array {
  const grid = new Uint8Array(IQ2_XXS_ROWS.length * 8);
  for (const [row, code] of IQ2_XXS_ROWS.entries()) {
    for (let i = 0; i < 8; i++) grid[row * 8 + i] = MAGNITUDES[Math.floor(code / 3 ** i) % 3]!;
  }
  return grid;
}

/** (128, 8) i8: signs of eight neighbouring weights. Seven are stored; the eighth makes the number of −1 even. */
function signPatterns(): Int8Array {
  const signs = new Int8Array(128 * 8);
  for (let pattern = 0; pattern < 128; pattern++) {
    let negative = 0;
    for (let i = 0; i < 7; i++) {
      const bit = (pattern >> i) & 1;
      negative += bit;
      signs[pattern * 8 + i] = bit ? -1 : 1;
    }
    signs[pattern * 8 + 7] = negative % 2 === 1 ? -1 : 1;
  }
  return signs;
}

/**
 * (65,536) f32: for each f16 x its GELU, 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) (arXiv 1606.08415), every
 * step in f32 and the result in f16: llama.cpp computes it so on a processor.
 */
export function geluTable(): Float32Array {
  const { fround } = Math;
  const rootOfTwoOverPi = fround(0.797_884_560_802_865_4);
  const cubic = fround(0.044_715);
  return Float32Array.from({ length: 65_536 }, (_, bits) => {
    const x = halfToFloat(bits);
    const inner = fround(1 + fround(fround(cubic * x) * x));
    const angle = fround(fround(rootOfTwoOverPi * x) * inner);
    const y = fround(fround(0.5 * x) * fround(1 + fround(Math.tanh(angle))));
    return halfToFloat(floatToHalf(y));
  });
}
