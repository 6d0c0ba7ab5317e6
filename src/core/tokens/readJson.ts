/** Reads JSON from its bytes in steps, so that a file of many megabytes holds nobody up. */

/** Values that are read between two yields. */
const STEP = 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** An object with as many keys as a vocabulary, in the order in which they stand; a key may stand there twice. */
export class JsonEntries {
  readonly #keys: string[][] = [];
  readonly #values: unknown[][] = [];
  length = 0;

  push(key: string, value: unknown): void {
    const chunk = Math.floor(this.length / CHUNK);
    if (this.length++ % CHUNK === 0) {
      this.#keys.push([]);
      this.#values.push([]);
    }
    this.#keys[chunk]!.push(key);
    this.#values[chunk]!.push(value);
  }

  keyAt(index: number): string {
    return this.#keys[Math.floor(index / CHUNK)]![index % CHUNK]!;
  }

  valueAt(index: number): unknown {
    return this.#values[Math.floor(index / CHUNK)]![index % CHUNK];
  }
}

/** Entries that lie in one array: a longer one takes too long to be copied when it grows. */
const CHUNK = 4096;

type Container = unknown[] | JsonEntries | Record<string, unknown>;

/**
 * What `JSON.parse` would answer, save that objects under the keys `asEntries` become lists of their entries, which
 * are filled without ever being rearranged.
 * @throws SyntaxError with the byte at which it is no JSON.
 */
export function* readJsonInSteps(
  bytes: Uint8Array,
  asEntries: ReadonlySet<string>,
): Generator<void, unknown, void> {
  const reader = new JsonReader(bytes);
  const stack: { container: Container; key: string }[] = [];
  let top: { container: Container; key: string } | undefined;
  for (let read = 1; ; read++) {
    if (read % STEP === 0) yield;
    // A value, with its key before it inside an object.
    if (top && !Array.isArray(top.container)) {
      top.key = reader.text();
      reader.expect(COLON);
    }
    const begins = reader.next();
    let value: unknown;
    if (begins === OPEN_LIST || begins === OPEN_OBJECT) {
      reader.skip();
      const listed = begins === OPEN_OBJECT && top !== undefined && asEntries.has(top.key);
      const container: Container = begins === OPEN_LIST ? [] : listed ? new JsonEntries() : {};
      if (reader.next() === (begins === OPEN_LIST ? CLOSE_LIST : CLOSE_OBJECT)) {
        reader.skip();
        value = container;
      } else {
        if (top) stack.push(top);
        top = { container, key: "" };
        continue;
      }
    } else {
      value = begins === QUOTE ? reader.text() : reader.literal();
    }
    // Puts the value where it belongs, and closes what ends behind it.
    for (;;) {
      if (!top) {
        reader.expectEnd();
        return value;
      }
      put(top.container, top.key, value);
      const found = reader.next();
      reader.skip();
      if (found === COMMA) break;
      if (found !== (Array.isArray(top.container) ? CLOSE_LIST : CLOSE_OBJECT)) throw reader.unexpected();
      value = top.container;
      top = stack.pop();
    }
  }
}

function put(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container.push(value);
  else if (container instanceof JsonEntries) container.push(key, value);
  else if (key !== "__proto__") container[key] = value;
  else Object.defineProperty(container, key, { value, configurable: true, enumerable: true, writable: true });
}

class JsonReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next byte that is no white space, which stays the next; -1 at the end. */
  next(): number {
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    }
    return -1;
  }

  skip(): void {
    this.#at++;
  }

  expect(byte: number): void {
    if (this.next() !== byte) throw this.unexpected();
    this.#at++;
  }

  expectEnd(): void {
    if (this.next() !== -1) throw this.unexpected();
  }

  unexpected(): SyntaxError {
    return new SyntaxError(`unexpected byte at ${this.#at}`);
  }

  text(): string {
    this.expect(QUOTE);
    const bytes = this.#bytes;
    const start = this.#at;
    let ascii = true;
    let escaped = false;
    let at = start;
    for (; ; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < 0x20) {
        this.#at = at;
        throw this.unexpected();
      }
      if (byte === BACKSLASH) {
        escaped = true;
        at++;
      } else if (byte >= 0x80) ascii = false;
    }
    this.#at = at + 1;
    if (escaped) return JSON.parse(decoder.decode(bytes.subarray(start - 1, at + 1))) as string;
    if (!ascii || at - start > 32) return decoder.decode(bytes.subarray(start, at));
    let text = "";
    for (let index = start; index < at; index++) text += String.fromCharCode(bytes[index]!);
    return text;
  }

  /** A number, `true`, `false` or `null`. */
  literal(): unknown {
    const start = this.#at;
    let end = start;
    for (let byte = this.#bytes[end]; byte !== undefined && isLiteral(byte); byte = this.#bytes[++end]);
    const text = String.fromCharCode(...this.#bytes.subarray(start, Math.min(end, start + 400)));
    if (text === "true" || text === "false" || text === "null") {
      this.#at = end;
      return text === "null" ? null : text === "true";
    }
    if (!NUMBER.test(text)) throw this.unexpected();
    this.#at = end;
    return Number(text);
  }
}

/** `[-+.0-9A-Za-z]` */
function isLiteral(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e
  );
}
