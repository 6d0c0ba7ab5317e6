/** The figures of the GGUF format: value types, tensor types, limits. The reader and the writer share them. */

/** Metadata value types by their number in the file. */
export const VALUE_TYPES = [
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "float32",
  "bool",
  "string",
  "array",
  "uint64",
  "int64",
  "float64",
] as const;
export type ValueType = (typeof VALUE_TYPES)[number];
export type ElementType = Exclude<ValueType, "array">;

/** Bytes of one value; a string's is the least it can take, its length field. */
export const VALUE_BYTES: Readonly<Record<ElementType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  string: 8,
  uint64: 8,
  int64: 8,
  float64: 8,
};

/** A metadata value. 64-bit integers are kept as bigint, so that nothing is lost between reading and writing. */
export type GgufValue =
  | { type: Exclude<ElementType, "bool" | "string" | "uint64" | "int64">; value: number }
  | { type: "uint64" | "int64"; value: bigint }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | GgufArray;

export type GgufArray =
  /** `count` says how many there are where looking at `value` would decode them. */
  | { type: "array"; elementType: "string"; value: string[]; count?: number }
  | { type: "array"; elementType: Exclude<ElementType, "string">; value: NumberArray };

export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** A tensor type: its name, the weights of one block, and the bytes that the block takes. */
export interface TensorType {
  name: TensorTypeName;
  /** Number in the file. */
  id: number;
  blockWeights: number;
  blockBytes: number;
}

export type TensorTypeName = (typeof TENSOR_TYPE_TABLE)[number][0];

/** Every tensor type that GGUF files of today carry: name, number, weights a block, bytes a block (ggml.h). */
const TENSOR_TYPE_TABLE = [
  ["F32", 0, 1, 4],
  ["F16", 1, 1, 2],
  ["Q4_0", 2, 32, 18],
  ["Q4_1", 3, 32, 20],
  ["Q5_0", 6, 32, 22],
  ["Q5_1", 7, 32, 24],
  ["Q8_0", 8, 32, 34],
  ["Q8_1", 9, 32, 36],
  ["Q2_K", 10, 256, 84],
  ["Q3_K", 11, 256, 110],
  ["Q4_K", 12, 256, 144],
  ["Q5_K", 13, 256, 176],
  ["Q6_K", 14, 256, 210],
  ["Q8_K", 15, 256, 292],
  ["IQ2_XXS", 16, 256, 66],
  ["IQ2_XS", 17, 256, 74],
  ["IQ3_XXS", 18, 256, 98],
  ["IQ1_S", 19, 256, 50],
  ["IQ4_NL", 20, 32, 18],
  ["IQ3_S", 21, 256, 110],
  ["IQ2_S", 22, 256, 82],
  ["IQ4_XS", 23, 256, 136],
  ["I8", 24, 1, 1],
  ["I16", 25, 1, 2],
  ["I32", 26, 1, 4],
  ["I64", 27, 1, 8],
  ["F64", 28, 1, 8],
  ["IQ1_M", 29, 256, 56],
  ["BF16", 30, 1, 2],
  ["TQ1_0", 34, 256, 54],
  ["TQ2_0", 35, 256, 66],
  ["MXFP4", 39, 32, 17],
  ["NVFP4", 40, 64, 36],
] as const;

const TYPES: readonly TensorType[] = TENSOR_TYPE_TABLE.map(([name, id, blockWeights, blockBytes]) => ({
  name,
  id,
  blockWeights,
  blockBytes,
}));
const BY_ID = new Map(TYPES.map((type) => [type.id, type]));
const BY_NAME = new Map(TYPES.map((type) => [type.name, type]));

export function tensorTypeById(id: number): TensorType | undefined {
  return BY_ID.get(id);
}

export function tensorType(name: TensorTypeName): TensorType {
  // The table has a row for every name of its own union.
  return BY_NAME.get(name)!;
}

/** What a token of a vocabulary is (`tokenizer.ggml.token_type`). */
export const TOKEN_TYPE = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;

/** The first four bytes of every GGUF file. */
export const MAGIC = "GGUF";
export const DEFAULT_ALIGNMENT = 32;

/**
 * How much a header may ask for. Real files stay far below (the largest vocabularies have 262,144 tokens and as
 * many merges again); a hostile one must not take the memory of the process that looks at it.
 */
export const LIMITS = {
  metadataEntries: 65_536,
  tensors: 65_536,
  dimensions: 4,
  keyBytes: 65_535,
  tensorNameBytes: 63,
  stringBytes: 16 * 2 ** 20,
  arrayElements: 8 * 2 ** 20,
  headerBytes: 256 * 2 ** 20,
  alignment: 2 ** 20,
} as const;
