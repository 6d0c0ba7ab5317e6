/** Chooses what unpacks a type by the type's number in the file (AssemblyScript). */

import {
  unpackBF16,
  unpackF16,
  unpackF32,
  unpackIQ2_XXS,
  unpackQ2_K,
  unpackQ3_K,
  unpackQ4_0,
  unpackQ4_1,
  unpackQ4_K,
  unpackQ5_0,
  unpackQ5_1,
  unpackQ5_K,
  unpackQ6_K,
  unpackQ8_0,
} from "./unpack";

/** Where the tables of the grids lie, from their common start: see `kernelTables` in ../tables.ts. */
export const SIGNS: usize = 0; // (128, 8) i8
export const IQ2_XXS_GRID: usize = 1024; // (256, 8) u8

/** Unpacks `count` weights to f32. `type` is one of SUPPORTED_TYPES in ../kernel.ts, by its number in the file. */
export function unpack(type: i32, from: usize, to: usize, count: i32, tables: usize): void {
  switch (type) {
    case 0:
      return unpackF32(from, to, count);
    case 1:
      return unpackF16(from, to, count);
    case 2:
      return unpackQ4_0(from, to, count);
    case 3:
      return unpackQ4_1(from, to, count);
    case 6:
      return unpackQ5_0(from, to, count);
    case 7:
      return unpackQ5_1(from, to, count);
    case 8:
      return unpackQ8_0(from, to, count);
    case 10:
      return unpackQ2_K(from, to, count);
    case 11:
      return unpackQ3_K(from, to, count);
    case 12:
      return unpackQ4_K(from, to, count);
    case 13:
      return unpackQ5_K(from, to, count);
    case 14:
      return unpackQ6_K(from, to, count);
    case 16:
      return unpackIQ2_XXS(from, to, count, tables + IQ2_XXS_GRID, tables + SIGNS);
    case 30:
      return unpackBF16(from, to, count);
    default:
      unreachable();
  }
}
