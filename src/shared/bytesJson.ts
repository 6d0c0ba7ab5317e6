/** JSON of states that hold tokens: their bytes are typed arrays, which JSON alone does not bring back. */

/** What stands for bytes: an object of this one key. */
const KEY = "\u0000bytes";

/** JSON of a plain value; the only typed arrays in it are Uint8Array. */
export function toBytesJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, given: unknown) {
    // What is given here of a Buffer is what its own toJSON has made of it.
    const found = this[key];
    return found instanceof Uint8Array ? { [KEY]: [...found] } : given;
  });
}

/** The value that `toBytesJson` was given, without its undefined fields. @throws SyntaxError where it is no JSON. */
export function fromBytesJson(json: string): unknown {
  return JSON.parse(json, (_, given: unknown) => {
    if (typeof given !== "object" || given === null || !(KEY in given)) return given;
    return Uint8Array.from(given[KEY] as number[]);
  });
}
