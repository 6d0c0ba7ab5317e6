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

/** Lays out metadata and tensors, in the order given, as one GGUF file. */
export function writeGguf(
  metadata: ReadonlyMap<string, GgufValue> | readonly (readonly [string, GgufValue])[],
  tensors: readonly TensorToWrite[],
): Uint8Array {
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
  for (const { name, type, shape, data } of tensors) {
    const { id, blockBytes, blockWeights } = tensorType(type);
    const bytes = (shape.reduce((a, b) => a * b, 1) / blockWeights) * blockBytes;
    if (data.byteLength !== bytes) {
      throw new RangeError(
        `Tensor "${name}" has ${data.byteLength} bytes; its shape and type ask for ${bytes}.`,
      );
    }
    out.string(name);
    out.uint32(shape.length);
    for (const size of shape) out.uint64(size);
    out.uint32(id);
    out.uint64(position);
    position += padded(bytes);
  }
  const dataStart = padded(out.length);
  const file = new Uint8Array(dataStart + position);
  file.set(out.bytes());
  let offset = dataStart;
  for (const { data } of tensors) {
    file.set(data, offset);
    offset += padded(data.byteLength);
  }
  return file;
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
