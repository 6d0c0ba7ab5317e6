/** Loads the tokenizers that lessons ask for, each at its first use. */

import * as vscode from "vscode";
import { BytePairEncoder } from "../../core/tokens/bytePairEncoder.js";
import { isEncodingName } from "../../core/tokens/encodings.js";
import { EncodingTable } from "../../core/tokens/encodingTable.js";
import { GlassboxError } from "../../shared/errors.js";

export class Encoders {
  readonly #extensionUri: vscode.Uri;
  readonly #loaded = new Map<string, Promise<BytePairEncoder>>();

  constructor(extensionUri: vscode.Uri) {
    this.#extensionUri = extensionUri;
  }

  /** @throws GlassboxError `invalid-request` for an encoding that there is not. */
  get(name: string): Promise<BytePairEncoder> {
    if (!isEncodingName(name)) throw new GlassboxError("invalid-request", `There is no encoding "${name}".`);
    let found = this.#loaded.get(name);
    if (!found) {
      found = this.#load(name);
      this.#loaded.set(name, found);
      found.catch(() => this.#loaded.delete(name));
    }
    return found;
  }

  async #load(name: string): Promise<BytePairEncoder> {
    const uri = vscode.Uri.joinPath(this.#extensionUri, "media", "encodings", `${name}.bin`);
    const bytes = await vscode.workspace.fs.readFile(uri);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    return new BytePairEncoder(new EncodingTable(buffer, name));
  }
}
