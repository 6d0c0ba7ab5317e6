/** The tokenizer tables of media/encodings, each read at its first use and shared by all features. */

import * as vscode from "vscode";
import { isEncodingName } from "../core/tokens/encodings.js";
import type { Tokenizer } from "../core/tokens/tokenizer.js";
import { GlassboxError } from "../shared/errors.js";

export class Tokenizers {
  readonly #extensionUri: vscode.Uri;
  readonly #loaded = new Map<string, Promise<Tokenizer>>();

  constructor(extensionUri: vscode.Uri) {
    this.#extensionUri = extensionUri;
  }

  /** @throws GlassboxError `invalid-request` for an encoding that there is not, `file-unreadable`, `file-invalid`. */
  get(name: string): Promise<Tokenizer> {
    if (!isEncodingName(name)) throw new GlassboxError("invalid-request", `There is no encoding "${name}".`);
    let found = this.#loaded.get(name);
    if (!found) {
      found = this.#load(name);
      this.#loaded.set(name, found);
      found.catch(() => this.#loaded.delete(name));
    }
    return found;
  }

  async #load(name: string): Promise<Tokenizer> {
    const uri = vscode.Uri.joinPath(this.#extensionUri, "media", "encodings", `${name}.bin`);
    const [{ BytePairEncoder }, { EncodingTable }] = await Promise.all([
      import("../core/tokens/bytePairEncoder.js"),
      import("../core/tokens/encodingTable.js"),
    ]);
    const bytes = await vscode.workspace.fs.readFile(uri).then(undefined, (error: unknown) => {
      throw new GlassboxError(
        "file-unreadable",
        `Cannot read the tokenizer table "${uri.fsPath}".`,
        "Run npm run build to make it, or install Glassbox again.",
        { cause: error },
      );
    });
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    return new BytePairEncoder(new EncodingTable(buffer, name));
  }
}
