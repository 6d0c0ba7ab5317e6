/** Writes GGUF files (version 3): the built-in model at set-up, and small models for the tests. */

import {
  DEFAULT_ALIGNMENT,
  type GgufValue,
  MAGIC,
  type TensorTypeName,
  tensorType,
  VALUE_BYTES,
  VALUE_TYPES,
} from "./format.js";

export interface TensorToWrite {
  name: string;
  type: TensorTypeName;
  /** Sizes, the fastest-running dimension first: a weight matrix is [columns, rows]. */
  shape: number[];
  /** Exactly as many bytes as the shape and the type ask for. */
  data: Uint8Array;
}

type Metadata = ReadonlyMap<string, GgufValue> | readonly (readonly [string, GgufValue])[];

/** Lays out metadata and tensors, in the order given, as one GGUF file. */
export function writeGguf(metadata: Metadata, tensors: readonly TensorToWrite[]): Uint8Array {
  const { head, positions, fileBytes } = layOutGguf(metadata, tensors);
  const file = new Uint8Array(fileBytes);
  file.set(head);
  for (const [index, { name, data, type, shape }] of tensors.entries()) {
    if (data.byteLength !== tensorBytes(type, shape)) {
      throw new RangeError(
        `Tensor "${name}" has ${data.byteLength} bytes; its shape and type ask for ${tensorBytes(type, shape)}.`,
      );
    }
    file.set(data, positions[index]!);
  }
  return file;
}

/** What stands before the weights in a file, and where in it each tensor's are to be. */
export function layOutGguf(
  metadata: Metadata,
  tensors: readonly Omit<TensorToWrite, "data">[],
): { head: Uint8Array; positions: number[]; fileBytes: number } {
  const entries = [...metadata];
  const out = new Out();
  out.raw(new TextEncoder().encode(MAGIC));
  out.uint32(3);
  out.uint64(tensors.length);
  out.uint64(entries.length);
  let alignment = DEFAULT_ALIGNMENT;
  for (const [key, value] of entries) {
    out.string(key);
    out.uint32(VALUE_TYPES.indexOf(value.type));
    writeValue(out, value);
    if (key === "general.alignment" && value.type === "uint32") alignment = value.value;
  }
  const padded = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
  let position = 0;
  const fromStart: number[] = [];
  for (const { name, type, shape } of tensors) {
    out.string(name);
    out.uint32(shape.length);
    for (const size of shape) out.uint64(size);
    out.uint32(tensorType(type).id);
    out.uint64(position);
    fromStart.push(position);
    position += padded(tensorBytes(type, shape));
  }
  const dataStart = padded(out.length);
  const head = new Uint8Array(dataStart);
  head.set(out.bytes());
  return { head, positions: fromStart.map((at) => dataStart + at), fileBytes: dataStart + position };
}

function tensorBytes(type: TensorTypeName, shape: readonly number[]): number {
  const { blockBytes, blockWeights } = tensorType(type);
  return (shape.reduce((a, b) => a * b, 1) / blockWeights) * blockBytes;
}

function writeValue(out: Out, value: GgufValue): void {
  switch (value.type) {
    case "string":
      out.string(value.value);
      return;
    case "array":
      out.uint32(VALUE_TYPES.indexOf(value.elementType));
      out.uint64(value.value.length);
      if (value.elementType === "string") for (const element of value.value) out.string(element);
      else out.raw(new Uint8Array(value.value.buffer, value.value.byteOffset, value.value.byteLength));
      return;
    default: {
      const view = new DataView(new ArrayBuffer(VALUE_BYTES[value.type]));
      switch (value.type) {
        case "uint8":
          view.setUint8(0, value.value);
          break;
        case "int8":
          view.setInt8(0, value.value);
          break;
        case "uint16":
          view.setUint16(0, value.value, true);
          break;
        case "int16":
          view.setInt16(0, value.value, true);
          break;
        case "uint32":
          view.setUint32(0, value.value, true);
          break;
        case "int32":
          view.setInt32(0, value.value, true);
          break;
        case "float32":
          view.setFloat32(0, value.value, true);
          break;
        case "float64":
          view.setFloat64(0, value.value, true);
          break;
        case "bool":
          view.setUint8(0, value.value ? 1 : 0);
          break;
        case "uint64":
          view.setBigUint64(0, value.value, true);
          break;
        case "int64":
          view.setBigInt64(0, value.value, true);
      }
      out.raw(new Uint8Array(view.buffer));
    }
  }
}

/** A byte buffer that grows. */
class Out {
  length = 0;
  #buffer = new Uint8Array(1 << 16);
  readonly #encoder = new TextEncoder();

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.byteLength);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.byteLength;
  }

  uint32(value: number): void {
    this.#view(4).setUint32(0, value, true);
  }

  uint64(value: number): void {
    this.#view(8).setBigUint64(0, BigInt(value), true);
  }

  string(text: string): void {
    const bytes = this.#encoder.encode(text);
    this.uint64(bytes.byteLength);
    this.raw(bytes);
  }

  #view(length: number): DataView {
    this.#room(length);
    const view = new DataView(this.#buffer.buffer, this.length, length);
    this.length += length;
    return view;
  }

  #room(length: number): void {
    if (this.length + length <= this.#buffer.byteLength) return;
    const grown = new Uint8Array(Math.max(this.#buffer.byteLength * 2, this.length + length));
    grown.set(this.bytes());
    this.#buffer = grown;
  }
}
