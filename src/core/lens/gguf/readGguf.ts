/**
 * Reads and validates the header of a GGUF file: metadata and the list of tensors, not the weights.
 * Everything in the file is untrusted; whatever does not hold is refused before anything is allocated for it.
 */

import { GlassboxError } from "../../../shared/errors.js";
import { t } from "../../../shared/l10n.js";
import type { ByteSource } from "./byteSource.js";
import {
  DEFAULT_ALIGNMENT,
  type ElementType,
  type GgufValue,
  LIMITS,
  MAGIC,
  type NumberArray,
  type TensorType,
  tensorTypeById,
  VALUE_BYTES,
  VALUE_TYPES,
} from "./format.js";

export interface GgufTensor {
  name: string;
  type: TensorType;
  /** Sizes, the fastest-running dimension first, as the file has them: a weight matrix is [columns, rows]. */
  shape: number[];
  /** Weights in all. */
  elements: number;
  /** Position in the file, and length, in bytes. */
  position: number;
  bytes: number;
}

export interface GgufHeader {
  /** The file's name, for messages. */
  fileName: string;
  fileBytes: number;
  version: number;
  alignment: number;
  metadata: ReadonlyMap<string, GgufValue>;
  tensors: ReadonlyMap<string, GgufTensor>;
}

const CHOOSE_ANOTHER = t("Choose a GGUF file in Settings > Glassbox > Model.");
const WINDOW_BYTES = 256 * 1024;
const TEXTS_A_STEP = 512;

type TextsRead = "now" | "when asked";

/**
 * Reads a GGUF header (version 2 or 3, little-endian).
 * @throws GlassboxError `file-invalid` when the file is not GGUF, is cut off, or contradicts itself;
 *   `unsupported` when it is of a version, byte order or tensor type that is not known.
 * @param texts when long lists of texts are decoded: at once, or when one of them is first looked at.
 */
export function readGgufHeader(source: ByteSource, texts: TextsRead = "now"): GgufHeader {
  const steps = readGgufHeaderInSteps(source, texts);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As `readGgufHeader`, handing control back every few hundred texts of a long list. */
export function* readGgufHeaderInSteps(
  source: ByteSource,
  texts: TextsRead = "now",
): Generator<void, GgufHeader, void> {
  const cursor = new Cursor(source);
  checkMagic(cursor, source);
  const version = cursor.uint32(t("the version"));
  if (version !== 2 && version !== 3) {
    const what =
      version !== 0 && (version & 0xffff) === 0
        ? t("it is big-endian")
        : t("it has GGUF version {0}", version);
    throw new GlassboxError(
      "unsupported",
      t('Cannot read "{0}": {1}; little-endian versions 2 and 3 are supported.', source.name, what),
      CHOOSE_ANOTHER,
    );
  }
  const tensorCount = cursor.count("tensors", LIMITS.tensors, 24);
  const metadataCount = cursor.count(t("metadata entries"), LIMITS.metadataEntries, 13);

  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < metadataCount; i++) {
    const key = readName(cursor, t("a metadata key"), LIMITS.keyBytes);
    if (metadata.has(key)) throw cursor.invalid(t("the metadata key {0} occurs twice", quote(key)));
    metadata.set(key, yield* readValue(cursor, key, texts));
  }
  const alignment = readAlignment(cursor, metadata);

  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const tensor = readTensor(cursor, alignment);
    if (names.has(tensor.name)) throw cursor.invalid(t("the tensor {0} occurs twice", quote(tensor.name)));
    names.add(tensor.name);
    tensors.push(tensor);
  }
  placeTensors(cursor, tensors, alignment);

  return {
    fileName: source.name,
    fileBytes: source.size,
    version,
    alignment,
    metadata,
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
  };
}

/** llama.cpp takes names as C strings, and ends the process when it does not find one again that a zero cut off. */
function readName(cursor: Cursor, what: string, mostBytes: number): string {
  const name = cursor.string(what, mostBytes);
  if (name === "" || /\p{Cc}/u.test(name)) {
    throw cursor.invalid(t("{0} is {1}, which has no characters or control characters", what, quote(name)));
  }
  return name;
}

function checkMagic(cursor: Cursor, source: ByteSource): void {
  if (source.size === 0) {
    throw new GlassboxError(
      "file-invalid",
      t('Cannot read "{0}": the file is empty.', source.name),
      CHOOSE_ANOTHER,
    );
  }
  const found = String.fromCharCode(...cursor.bytes(Math.min(MAGIC.length, source.size), t("the magic")));
  if (found !== MAGIC) {
    throw new GlassboxError(
      "file-invalid",
      t('Cannot read "{0}": expected magic "{1}", got {2}.', source.name, MAGIC, quote(found)),
      CHOOSE_ANOTHER,
    );
  }
}

function readAlignment(cursor: Cursor, metadata: ReadonlyMap<string, GgufValue>): number {
  const value = metadata.get("general.alignment");
  if (value === undefined) return DEFAULT_ALIGNMENT;
  if (value.type !== "uint32") {
    throw cursor.invalid(t('"general.alignment" should be a uint32, it is {0}', value.type));
  }
  const alignment = value.value;
  if (alignment < 8 || alignment > LIMITS.alignment || (alignment & (alignment - 1)) !== 0) {
    throw cursor.invalid(
      t(
        '"general.alignment" is {0}; it should be a power of two between 8 and {1}',
        alignment,
        LIMITS.alignment,
      ),
    );
  }
  return alignment;
}

function* readValue(cursor: Cursor, key: string, texts: TextsRead): Generator<void, GgufValue, void> {
  const what = t("the value of {0}", quote(key));
  const type = readValueType(cursor, what);
  if (type !== "array") return readScalar(cursor, type, what);
  const elementType = readValueType(cursor, what);
  if (elementType === "array") throw cursor.invalid(t("{0} is an array of arrays", what));
  const length = cursor.count(t("elements in {0}", what), LIMITS.arrayElements, VALUE_BYTES[elementType]);
  if (elementType === "string" && texts === "when asked") {
    const decoded = cursor.laterStrings(length, what, LIMITS.stringBytes);
    return {
      type,
      elementType,
      count: length,
      get value() {
        return decoded();
      },
    };
  }
  if (elementType === "string") {
    const value: string[] = [];
    for (let i = 0; i < length; i++) {
      value.push(cursor.string(what, LIMITS.stringBytes));
      if (i % TEXTS_A_STEP === TEXTS_A_STEP - 1) yield;
    }
    return { type, elementType, value };
  }
  return { type, elementType, value: readNumbers(cursor, elementType, length, what) };
}

function readValueType(cursor: Cursor, what: string): (typeof VALUE_TYPES)[number] {
  const id = cursor.uint32(t("the type of {0}", what));
  const type = VALUE_TYPES[id];
  if (type === undefined) {
    throw cursor.invalid(
      t("{0} has the unknown type {1}; types 0 to {2} are defined", what, id, VALUE_TYPES.length - 1),
    );
  }
  return type;
}

function readScalar(cursor: Cursor, type: ElementType, what: string): GgufValue {
  if (type === "string") return { type, value: cursor.string(what, LIMITS.stringBytes) };
  const view = cursor.view(VALUE_BYTES[type], what);
  switch (type) {
    case "uint8":
      return { type, value: view.getUint8(0) };
    case "int8":
      return { type, value: view.getInt8(0) };
    case "uint16":
      return { type, value: view.getUint16(0, true) };
    case "int16":
      return { type, value: view.getInt16(0, true) };
    case "uint32":
      return { type, value: view.getUint32(0, true) };
    case "int32":
      return { type, value: view.getInt32(0, true) };
    case "float32":
      return { type, value: view.getFloat32(0, true) };
    case "float64":
      return { type, value: view.getFloat64(0, true) };
    case "bool":
      return { type, value: view.getUint8(0) !== 0 };
    case "uint64":
      return { type, value: view.getBigUint64(0, true) };
    case "int64":
      return { type, value: view.getBigInt64(0, true) };
  }
}

function readNumbers(
  cursor: Cursor,
  type: Exclude<ElementType, "string">,
  length: number,
  what: string,
): NumberArray {
  // A copy of its own, so that it begins where a typed array may begin. All machines we run on are little-endian.
  const { buffer } = cursor.bytes(length * VALUE_BYTES[type], what).slice();
  switch (type) {
    case "uint8":
    case "bool":
      return new Uint8Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "uint16":
      return new Uint16Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "uint64":
      return new BigUint64Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
  }
}

/** Reads one entry of the tensor list. `position` is still relative to the data section. */
function readTensor(cursor: Cursor, alignment: number): GgufTensor {
  const name = readName(cursor, "a tensor's name", LIMITS.tensorNameBytes);
  const dimensions = cursor.uint32(t("the dimensions of {0}", quote(name)));
  if (dimensions < 1 || dimensions > LIMITS.dimensions) {
    throw cursor.invalid(t("the tensor {0} has {1} dimensions; 1 to 4 are allowed", quote(name), dimensions));
  }
  const shape: number[] = [];
  let elements = 1;
  for (let i = 0; i < dimensions; i++) {
    const size = cursor.uint64(t("the shape of {0}", quote(name)));
    elements *= size;
    if (size === 0 || elements > Number.MAX_SAFE_INTEGER) {
      throw cursor.invalid(
        t("the tensor {0} has an impossible size of {1} in dimension {2}", quote(name), size, i),
      );
    }
    shape.push(size);
  }
  const typeId = cursor.uint32(t("the type of {0}", quote(name)));
  const type = tensorTypeById(typeId);
  if (type === undefined) {
    throw new GlassboxError(
      "unsupported",
      t(
        'Cannot read "{0}": the tensor {1} has the unknown type {2}.',
        cursor.source.name,
        quote(name),
        typeId,
      ),
      t("Choose a GGUF file with a common quantisation, such as Q8_0 or Q4_K_M."),
    );
  }
  if (shape[0]! % type.blockWeights !== 0) {
    throw cursor.invalid(
      t(
        "the tensor {0} has rows of {1}, no multiple of the {2} of a {3} block",
        quote(name),
        shape[0]!,
        type.blockWeights,
        type.name,
      ),
    );
  }
  const position = cursor.uint64(t("the place of {0}", quote(name)));
  if (position % alignment !== 0) {
    throw cursor.invalid(
      t("the tensor {0} begins at {1}, no multiple of {2}", quote(name), position, alignment),
    );
  }
  return { name, type, shape, elements, position, bytes: (elements / type.blockWeights) * type.blockBytes };
}

/** Makes positions absolute and checks that every tensor lies within the file and in no other tensor. */
function placeTensors(cursor: Cursor, tensors: GgufTensor[], alignment: number): void {
  const { size } = cursor.source;
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  for (const tensor of tensors) {
    tensor.position += dataStart;
    if (tensor.position + tensor.bytes > size) {
      throw cursor.invalid(
        t(
          "the tensor {0} should end at byte {1}, but the file has {2}; it may be cut off",
          quote(tensor.name),
          tensor.position + tensor.bytes,
          size,
        ),
      );
    }
  }
  const inOrder = [...tensors].sort((a, b) => a.position - b.position);
  for (let i = 1; i < inOrder.length; i++) {
    const before = inOrder[i - 1]!;
    const after = inOrder[i]!;
    if (before.position + before.bytes > after.position) {
      throw cursor.invalid(t("the tensors {0} and {1} overlap", quote(before.name), quote(after.name)));
    }
  }
}

/** Text from the file for a message: printable, quoted, short. */
function quote(text: string): string {
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  let out = "";
  for (const character of shown) {
    const code = character.codePointAt(0)!;
    if (character === '"' || character === "\\") out += `\\${character}`;
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
      out += `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
    else out += character;
  }
  return `"${out}"`;
}

/** What is being read, for a message; a function where it is read so often that its words would cost time. */
type Label = string | (() => string);

function said(what: Label): string {
  return typeof what === "string" ? what : what();
}

/** Reads the file from front to back through one window, and refuses to run past its end. */
class Cursor {
  position = 0;
  readonly source: ByteSource;
  #window = new Uint8Array(0);
  #view = new DataView(this.#window.buffer);
  #windowStart = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  invalid(what: string): GlassboxError {
    return new GlassboxError(
      "file-invalid",
      t('Cannot read "{0}": {1}.', this.source.name, what),
      CHOOSE_ANOTHER,
    );
  }

  /** The next bytes, valid until the next read. */
  bytes(length: number, what: string): Uint8Array {
    const offset = this.#take(length, what);
    return this.#window.subarray(offset, offset + length);
  }

  view(length: number, what: string): DataView {
    const bytes = this.bytes(length, what);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  uint32(what: string): number {
    const offset = this.#take(4, what);
    return this.#view.getUint32(offset, true);
  }

  /** An unsigned 64-bit integer that a double holds exactly; nothing in a real file is larger. */
  uint64(what: string): number {
    return this.#number(what);
  }

  #number(what: Label): number {
    const offset = this.#take(8, what);
    const value = this.#view.getUint32(offset, true) + this.#view.getUint32(offset + 4, true) * 2 ** 32;
    if (value > Number.MAX_SAFE_INTEGER) {
      const number = String(this.#view.getBigUint64(offset, true));
      throw this.invalid(t("{0} holds the number {1}", said(what), number));
    }
    return value;
  }

  /** Moves on by `length` bytes and answers where they begin in the window. */
  #take(length: number, what: Label): number {
    const end = this.position + length;
    if (end > this.source.size) {
      throw this.invalid(
        t("the file ends at byte {0}, in {1}; it may be cut off", this.source.size, said(what)),
      );
    }
    if (end > LIMITS.headerBytes)
      throw this.invalid(t("the header is larger than {0} bytes", LIMITS.headerBytes));
    if (this.position < this.#windowStart || end > this.#windowStart + this.#window.byteLength) {
      this.#windowStart = this.position;
      this.#window = new Uint8Array(
        Math.min(Math.max(length, WINDOW_BYTES), this.source.size - this.position),
      );
      this.#view = new DataView(this.#window.buffer);
      this.source.read(this.position, this.#window);
    }
    const offset = this.position - this.#windowStart;
    this.position = end;
    return offset;
  }

  /** How many of something follow. `leastBytes` is the least that one of them takes in the file. */
  count(what: string, limit: number, leastBytes: number): number {
    const count = this.uint64(t("the number of {0}", what));
    if (count > limit)
      throw this.invalid(t("it claims {0} {1}; at most {2} are accepted", count, what, limit));
    if (count * leastBytes > this.source.size - this.position) {
      throw this.invalid(
        t(
          "it claims {0} {1}, more than its {2} bytes can hold; it may be cut off",
          count,
          what,
          this.source.size,
        ),
      );
    }
    return count;
  }

  string(what: string, limit: number): string {
    const length = this.#stringLength(what, limit);
    const offset = this.#take(length, what);
    return decodeText(this.#window.subarray(offset, offset + length));
  }

  /** Goes past strings as `string` would, and answers them decoded when they are first asked for. */
  laterStrings(count: number, what: string, limit: number): () => string[] {
    const start = this.position;
    for (let i = 0; i < count; i++) this.#take(this.#stringLength(what, limit), what);
    const bytes = new Uint8Array(this.position - start);
    this.source.read(start, bytes);
    let decoded: string[] | undefined;
    return () => {
      decoded ??= decodeTexts(bytes, count);
      return decoded;
    };
  }

  #stringLength(what: string, limit: number): number {
    // There are hundreds of thousands: what is said when one fails is not made for each.
    const length = this.#number(() => t("the length of {0}", what));
    if (length > limit)
      throw this.invalid(
        t("{0} claims a length of {1} bytes; at most {2} are accepted", what, length, limit),
      );
    return length;
  }
}

// A token may be U+FEFF alone, which a decoder drops unless told.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  // Most tokens are a few letters, for which calling the decoder takes longer than decoding.
  if (bytes.length > 12 || bytes.some((byte) => byte >= 0x80)) return decoder.decode(bytes);
  return String.fromCharCode(...bytes);
}

/** @param bytes strings as the file has them, each behind its length, already checked. */
function decodeTexts(bytes: Uint8Array, count: number): string[] {
  const view = new DataView(bytes.buffer);
  let at = 0;
  return Array.from({ length: count }, () => {
    const start = at + 8;
    at = start + view.getUint32(start - 8, true);
    return decodeText(bytes.subarray(start, at));
  });
}
