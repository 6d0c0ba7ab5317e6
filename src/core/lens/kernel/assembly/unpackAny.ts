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
import { unpackIQ2_XS, unpackIQ3_XXS, unpackIQ4_NL, unpackIQ4_XS } from "./unpackGrids";

// Where the tables of the formats on grids lie, from their common start: see GRID_BYTES in ../tables.ts.
export const SIGNS: usize = 0; // (128, 8) i8
export const IQ2_XXS_GRID: usize = 1024; // (256, 8) u8
export const IQ2_XS_GRID: usize = IQ2_XXS_GRID + 2048; // (512, 8) u8
export const IQ3_XXS_GRID: usize = IQ2_XS_GRID + 4096; // (256, 4) u8

/** Unpacks `count` weights to f32. `type` is one of SUPPORTED_TYPES in ../kernel.ts, by its number in the file. */
export function unpack(type: i32, from: usize, to: usize, count: i32, grids: usize): void {
  switch (type) {
    case 0:
      unpackF32(from, to, count);
      break;
    case 1:
      unpackF16(from, to, count);
      break;
    case 2:
      unpackQ4_0(from, to, count);
      break;
    case 3:
      unpackQ4_1(from, to, count);
      break;
    case 6:
      unpackQ5_0(from, to, count);
      break;
    case 7:
      unpackQ5_1(from, to, count);
      break;
    case 8:
      unpackQ8_0(from, to, count);
      break;
    case 10:
      unpackQ2_K(from, to, count);
      break;
    case 11:
      unpackQ3_K(from, to, count);
      break;
    case 12:
      unpackQ4_K(from, to, count);
      break;
    case 13:
      unpackQ5_K(from, to, count);
      break;
    case 14:
      unpackQ6_K(from, to, count);
      break;
    case 16:
      unpackIQ2_XXS(from, to, count, grids + IQ2_XXS_GRID, grids + SIGNS);
      break;
    case 17:
      unpackIQ2_XS(from, to, count, grids + IQ2_XS_GRID, grids + SIGNS);
      break;
    case 18:
      unpackIQ3_XXS(from, to, count, grids + IQ3_XXS_GRID, grids + SIGNS);
      break;
    case 20:
      unpackIQ4_NL(from, to, count);
      break;
    case 23:
      unpackIQ4_XS(from, to, count);
      break;
    case 30:
      unpackBF16(from, to, count);
      break;
    default:
      unreachable();
  }
}
