/** The part of the WebAssembly interface that is used here; Node has it, its type package does not declare it. */

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    /** A new, longer view after each `grow`. */
    readonly buffer: SharedArrayBuffer;
    /** @param delta pages of 64 KiB. */
    grow(delta: number): number;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
}
