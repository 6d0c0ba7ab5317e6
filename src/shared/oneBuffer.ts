/**
 * Lays all typed arrays of a message into one buffer. VS Code hands each buffer of a message to a webview as an
 * argument of its own, of which there cannot be more than 255, and loses the message when there are; and a view
 * of a larger buffer takes all of that along.
 */

type TypedArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** Every element type may start at a multiple of this. */
const ALIGNMENT = 8;

/**
 * The message with its typed arrays as views of one new buffer; unchanged where it has none, or a single one that
 * is the whole of its buffer.
 */
export function inOneBuffer(message: unknown): unknown {
  const arrays = new Set<TypedArray>();
  collect(message, arrays);
  const [only] = arrays;
  if (!only || (arrays.size === 1 && only.byteLength === only.buffer.byteLength)) return message;
  let size = 0;
  for (const array of arrays) size += padded(array.byteLength);
  const buffer = new ArrayBuffer(size);
  const moved = new Map<TypedArray, TypedArray>();
  let at = 0;
  for (const array of arrays) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    new Uint8Array(buffer, at, array.byteLength).set(bytes);
    moved.set(array, viewLike(array, buffer, at));
    at += padded(array.byteLength);
  }
  return replaced(message, moved);
}

function padded(byteCount: number): number {
  return Math.ceil(byteCount / ALIGNMENT) * ALIGNMENT;
}

function viewLike(array: TypedArray, buffer: ArrayBuffer, at: number): TypedArray {
  const View = array.constructor as new (buffer: ArrayBuffer, at: number, length: number) => TypedArray;
  // Node's Buffer is a Uint8Array with another constructor.
  return array instanceof Uint8Array
    ? new Uint8Array(buffer, at, array.length)
    : new View(buffer, at, array.length);
}

function collect(value: unknown, arrays: Set<TypedArray>): void {
  if (typeof value !== "object" || value === null) return;
  if (ArrayBuffer.isView(value)) arrays.add(value as TypedArray);
  else for (const part of Object.values(value)) collect(part, arrays);
}

function replaced(value: unknown, moved: ReadonlyMap<TypedArray, TypedArray>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return moved.get(value as TypedArray);
  if (Array.isArray(value)) return value.map((part) => replaced(part, moved));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, moved)]));
}
