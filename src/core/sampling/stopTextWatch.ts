/** Watches what a model writes for texts that end its turn; the local engine and servers stop by the same rule. */

export class StopTextWatch {
  readonly #texts: readonly string[];
  readonly #decoder = new TextDecoder();
  #tail = "";

  constructor(texts: readonly string[]) {
    this.#texts = texts.filter((text) => text !== "");
  }

  /** Takes the bytes of the next token, whole characters at a time; true when a stop text is complete. */
  sees(bytes: Uint8Array): boolean {
    if (this.#texts.length === 0) return false;
    const text = this.#tail + this.#decoder.decode(bytes, { stream: true });
    const longest = Math.max(...this.#texts.map((stop) => stop.length));
    this.#tail = text.slice(-longest);
    return this.#texts.some((stop) => text.includes(stop));
  }
}
