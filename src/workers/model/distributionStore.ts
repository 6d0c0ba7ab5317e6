/** Keeps the distributions of one model on disk while another takes its place in memory. */

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Rows of one length, by number. */
export class DistributionStore {
  readonly #folder: string;
  readonly #file: number;
  readonly #width: number;

  /** @param width numbers in a row. */
  constructor(width: number) {
    this.#width = width;
    this.#folder = mkdtempSync(join(tmpdir(), "glassbox-"));
    this.#file = openSync(join(this.#folder, "distributions"), "w+");
    // Without a name it goes with the process, however that ends. Windows keeps names of open files.
    if (process.platform !== "win32") rmSync(this.#folder, { recursive: true });
  }

  write(row: number, numbers: Float32Array): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, row * bytes.length + done);
    }
  }

  /** (width) f32; a row that was never written is short, and refused. */
  read(row: number): Float32Array {
    const numbers = new Float32Array(this.#width);
    const bytes = new Uint8Array(numbers.buffer);
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(this.#file, bytes, done, bytes.length - done, row * bytes.length + done);
      if (count === 0) throw new RangeError(`There is no row ${row}.`);
      done += count;
    }
    return numbers;
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
