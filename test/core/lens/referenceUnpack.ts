/**
 * What each tensor type means, a second time: the value of one weight of one block, written down from the layouts of
 * ggml's blocks and not made to be quick. What the kernel's unpacking is held against.
 */

import { floatToHalf } from "../../../src/core/lens/gguf/half.js";
import type { SupportedType } from "../../../src/core/lens/kernel/kernel.js";
import grids from "./grids.json";

/** The `index`-th weight of the block that begins at `at`. */
type Definition = (bytes: DataView, at: number, index: number) => number;

interface Format {
  blockWeights: number;
  blockBytes: number;
  /** Where the f16 scales of a block are, in bytes. */
  scales: readonly number[];
  weight: Definition;
}

const f = Math.fround;
const u8 = (view: DataView, at: number) => view.getUint8(at);

function half(view: DataView, at: number): number {
  const bits = view.getUint16(at, true);
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const magnitude =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (1024 + fraction) * 2 ** (exponent - 25);
  return bits >> 15 === 1 ? -magnitude : magnitude;
}

/** One of 2^n-valued digits that fill bytes from the lowest bit on. */
const digit = (byte: number, bits: number, place: number) => (byte >> (bits * place)) & ((1 << bits) - 1);
/** One bit of a row of bytes. */
const bitOf = (view: DataView, at: number, index: number) => digit(u8(view, at + (index >> 3)), 1, index & 7);
/** In blocks of 32, the low halves of sixteen bytes come first, then the high halves. */
const nibble = (view: DataView, at: number, index: number) =>
  digit(u8(view, at + (index % 16)), 4, index >> 4);

/** Q4_K and Q5_K: the `j`-th of eight pairs of six bits in twelve bytes. */
function sixBits(view: DataView, at: number, j: number): { scale: number; minimum: number } {
  if (j < 4) return { scale: u8(view, at + j) & 63, minimum: u8(view, at + 4 + j) & 63 };
  const low = u8(view, at + 4 + j);
  return {
    scale: (low & 15) + ((u8(view, at + j - 4) >> 6) << 4),
    minimum: (low >> 4) + ((u8(view, at + j) >> 6) << 4),
  };
}

function affine(d: number, scale: number, q: number, dmin: number, minimum: number): number {
  return f(f(f(d * scale) * q) - f(dmin * minimum));
}

/** Signs of eight weights: seven bits are stored, the eighth makes the number of minus signs even. */
function sign(pattern: number, index: number): number {
  const ones = [0, 1, 2, 3, 4, 5, 6].filter((bit) => (pattern >> bit) & 1).length;
  const bit = index === 7 ? ones % 2 : (pattern >> index) & 1;
  return bit === 1 ? -1 : 1;
}

const LEVELS = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** The byte for the `index`-th weight of a row of a grid, of which the file has the words of ggml-common.h in hex. */
function gridByte(words: string, weights: 4 | 8, row: number, index: number): number {
  const digits = words.slice(row * weights * 2, (row + 1) * weights * 2);
  return Number.parseInt(digits.slice(digits.length - 2 * (index + 1)).slice(0, 2), 16);
}

export const FORMATS: Readonly<Record<SupportedType, Format>> = {
  F32: {
    blockWeights: 1,
    blockBytes: 4,
    scales: [],
    weight: (view, at) => view.getFloat32(at, true),
  },
  F16: { blockWeights: 1, blockBytes: 2, scales: [0], weight: half },
  BF16: {
    blockWeights: 1,
    blockBytes: 2,
    scales: [],
    weight(view, at) {
      const upper = new DataView(new ArrayBuffer(4));
      upper.setUint16(2, view.getUint16(at, true), true);
      return upper.getFloat32(0, true);
    },
  },
  Q4_0: {
    blockWeights: 32,
    blockBytes: 18,
    scales: [0],
    weight: (view, at, i) => f((nibble(view, at + 2, i) - 8) * half(view, at)),
  },
  Q4_1: {
    blockWeights: 32,
    blockBytes: 20,
    scales: [0, 2],
    weight: (view, at, i) => f(f(nibble(view, at + 4, i) * half(view, at)) + half(view, at + 2)),
  },
  Q5_0: {
    blockWeights: 32,
    blockBytes: 22,
    scales: [0],
    weight: (view, at, i) => f((nibble(view, at + 6, i) + 16 * bitOf(view, at + 2, i) - 16) * half(view, at)),
  },
  Q5_1: {
    blockWeights: 32,
    blockBytes: 24,
    scales: [0, 2],
    weight: (view, at, i) =>
      f(f((nibble(view, at + 8, i) + 16 * bitOf(view, at + 4, i)) * half(view, at)) + half(view, at + 2)),
  },
  Q8_0: {
    blockWeights: 32,
    blockBytes: 34,
    scales: [0],
    weight: (view, at, i) => f(view.getInt8(at + 2 + i) * half(view, at)),
  },
  Q2_K: {
    blockWeights: 256,
    blockBytes: 84,
    scales: [80, 82],
    weight(view, at, i) {
      const packed = u8(view, at + (i >> 4));
      const q = digit(u8(view, at + 16 + 32 * (i >> 7) + (i % 32)), 2, (i >> 5) & 3);
      return affine(half(view, at + 80), packed & 15, q, half(view, at + 82), packed >> 4);
    },
  },
  Q3_K: {
    blockWeights: 256,
    blockBytes: 110,
    scales: [108],
    weight(view, at, i) {
      const group = i >> 4;
      const low = digit(u8(view, at + 96 + (group & 7)), 4, group >> 3);
      const high = digit(u8(view, at + 104 + (group & 3)), 2, group >> 2);
      const q = digit(u8(view, at + 32 + 32 * (i >> 7) + (i % 32)), 2, (i >> 5) & 3);
      const third = digit(u8(view, at + (i % 32)), 1, i >> 5);
      return f(f(half(view, at + 108) * (low + 16 * high - 32)) * (q + 4 * third - 4));
    },
  },
  Q4_K: {
    blockWeights: 256,
    blockBytes: 144,
    scales: [0, 2],
    weight(view, at, i) {
      const { scale, minimum } = sixBits(view, at + 4, i >> 5);
      const q = digit(u8(view, at + 16 + 32 * (i >> 6) + (i % 32)), 4, (i >> 5) & 1);
      return affine(half(view, at), scale, q, half(view, at + 2), minimum);
    },
  },
  Q5_K: {
    blockWeights: 256,
    blockBytes: 176,
    scales: [0, 2],
    weight(view, at, i) {
      const { scale, minimum } = sixBits(view, at + 4, i >> 5);
      const low = digit(u8(view, at + 48 + 32 * (i >> 6) + (i % 32)), 4, (i >> 5) & 1);
      const fifth = digit(u8(view, at + 16 + (i % 32)), 1, i >> 5);
      return affine(half(view, at), scale, low + 16 * fifth, half(view, at + 2), minimum);
    },
  },
  Q6_K: {
    blockWeights: 256,
    blockBytes: 210,
    scales: [208],
    weight(view, at, i) {
      const part = i >> 7;
      const quarter = (i >> 5) & 3;
      const low = digit(u8(view, at + 64 * part + 32 * (quarter & 1) + (i % 32)), 4, quarter >> 1);
      const high = digit(u8(view, at + 128 + 32 * part + (i % 32)), 2, quarter);
      return f(f(half(view, at + 208) * view.getInt8(at + 192 + (i >> 4))) * (low + 16 * high - 32));
    },
  },
  IQ2_XXS: {
    blockWeights: 256,
    blockBytes: 66,
    scales: [0],
    weight(view, at, i) {
      const group = at + 2 + 8 * (i >> 5);
      const eight = (i >> 3) & 3;
      const word = view.getUint32(group + 4, true);
      const scale = f(f(half(view, at) * (0.5 + (word >>> 28))) * 0.25);
      const magnitude = gridByte(grids.iq2xxs, 8, u8(view, group + eight), i % 8);
      return f(f(scale * magnitude) * sign((word >>> (7 * eight)) & 127, i % 8));
    },
  },
  IQ2_XS: {
    blockWeights: 256,
    blockBytes: 74,
    scales: [0],
    weight(view, at, i) {
      const word = view.getUint16(at + 2 + 2 * (i >> 3), true);
      const packed = digit(u8(view, at + 66 + (i >> 5)), 4, (i >> 4) & 1);
      const scale = f(f(half(view, at) * (0.5 + packed)) * 0.25);
      return f(f(scale * gridByte(grids.iq2xs, 8, word & 511, i % 8)) * sign(word >> 9, i % 8));
    },
  },
  IQ3_XXS: {
    blockWeights: 256,
    blockBytes: 98,
    scales: [0],
    weight(view, at, i) {
      const word = view.getUint32(at + 66 + 4 * (i >> 5), true);
      const scale = f(f(half(view, at) * (0.5 + (word >>> 28))) * 0.5);
      const magnitude = gridByte(grids.iq3xxs, 4, u8(view, at + 2 + (i >> 2)), i % 4);
      return f(f(scale * magnitude) * sign((word >>> (7 * ((i >> 3) & 3))) & 127, i % 8));
    },
  },
  IQ4_NL: {
    blockWeights: 32,
    blockBytes: 18,
    scales: [0],
    weight: (view, at, i) => f(half(view, at) * LEVELS[nibble(view, at + 2, i)]!),
  },
  IQ4_XS: {
    blockWeights: 256,
    blockBytes: 136,
    scales: [0],
    weight(view, at, i) {
      const group = i >> 5;
      const low = digit(u8(view, at + 4 + (group >> 1)), 4, group & 1);
      const high = (view.getUint16(at + 2, true) >> (2 * group)) & 3;
      const scale = f(half(view, at) * (low + 16 * high - 32));
      return f(scale * LEVELS[nibble(view, at + 8 + 16 * group, i % 32)]!);
    },
  },
};

/** The weights of packed blocks, one after the other. */
export function referenceUnpack(type: SupportedType, packed: Uint8Array): Float32Array<ArrayBuffer> {
  const { blockWeights, blockBytes, weight } = FORMATS[type];
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const blocks = packed.byteLength / blockBytes;
  return Float32Array.from({ length: blocks * blockWeights }, (_, i) =>
    weight(view, Math.floor(i / blockWeights) * blockBytes, i % blockWeights),
  );
}

/**
 * Random blocks of a type whose weights have about a mean of 0 and a root mean square of `size`: every bit is random
 * but those of the f16 scales, which are random within a factor of two.
 */
export function randomBlocks(
  type: SupportedType,
  blocks: number,
  size: number,
  random: () => number,
): Uint8Array<ArrayBuffer> {
  const { blockBytes, blockWeights, scales } = FORMATS[type];
  const bytes = Uint8Array.from({ length: blocks * blockBytes }, () => Math.floor(random() * 256));
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes;
    if (blockWeights === 1) {
      putFloat(view, at, type, (random() * 2 - 1) * size * Math.sqrt(3));
      continue;
    }
    const { ofScaleOne, offset = 0 } = RANDOM[type];
    const scale = (size / ofScaleOne) * (2 / 3) * (1 + random());
    for (const [index, place] of scales.entries()) {
      view.setUint16(at + place, floatToHalf(index === 0 ? scale : scale * offset), true);
    }
  }
  return bytes;
}

function putFloat(view: DataView, at: number, type: SupportedType, value: number): void {
  if (type === "F32") view.setFloat32(at, value, true);
  else if (type === "F16") view.setUint16(at, floatToHalf(value), true);
  else {
    const upper = new DataView(new ArrayBuffer(4));
    upper.setFloat32(0, value);
    view.setUint16(at, upper.getUint16(0), true);
  }
}

/**
 * The root mean square of random weights of a scale of 1, and what the second scale must be to the first so that
 * their mean is 0.
 */
const RANDOM: Readonly<Record<SupportedType, { ofScaleOne: number; offset?: number }>> = {
  F32: { ofScaleOne: 1 },
  F16: { ofScaleOne: 1 },
  BF16: { ofScaleOne: 1 },
  Q4_0: { ofScaleOne: 4.6 },
  Q4_1: { ofScaleOne: 4.6, offset: -7.5 },
  Q5_0: { ofScaleOne: 9.2 },
  Q5_1: { ofScaleOne: 9.2, offset: -15.5 },
  Q8_0: { ofScaleOne: 74 },
  Q2_K: { ofScaleOne: 14, offset: 1.5 },
  Q3_K: { ofScaleOne: 43 },
  Q4_K: { ofScaleOne: 260, offset: 7.5 },
  Q5_K: { ofScaleOne: 520, offset: 15.5 },
  Q6_K: { ofScaleOne: 1370 },
  IQ2_XXS: { ofScaleOne: 53 },
  IQ2_XS: { ofScaleOne: 55 },
  IQ3_XXS: { ofScaleOne: 142 },
  IQ4_NL: { ofScaleOne: 67 },
  IQ4_XS: { ofScaleOne: 1260 },
};
