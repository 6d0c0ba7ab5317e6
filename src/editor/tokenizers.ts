/** The tokenizer tables of media/encodings, each read at its first use and shared by all features. */

import * as vscode from "vscode";
import { DEFAULT_ENCODING, isEncodingName } from "../core/tokens/encodings.js";
import { tokenizerOfModel } from "../core/tokens/modelNames.js";
import type { Tokenizer } from "../core/tokens/tokenizer.js";
import { GlassboxError } from "../shared/errors.js";

/** The setting that names the tokenizer of the editor. */
export const TOKENIZER_SETTING = "glassbox.tokens.tokenizer";

/** The tokenizer that the reader chose: an encoding, a model's name, `model`, `gguf:PATH` or `file:PATH`. */
export function chosenTokenizer(): string {
  const chosen = vscode.workspace.getConfiguration().get<string>(TOKENIZER_SETTING, DEFAULT_ENCODING).trim();
  return chosen === "" ? DEFAULT_ENCODING : chosen;
}

/** Why counts by this tokenizer are no more than approximate; undefined where they are exact. */
export function approximation(name: string): string | undefined {
  if (isEncodingName(name)) return undefined;
  const found = tokenizerOfModel(name);
  if (!found || found.exact) return undefined;
  const { vendor = "", tokenizer, published } = found;
  return published
    ? vscode.l10n.t(
        "Approximate: counted with {0}. {1} publishes the tokenizer of {2}; choose its tokenizer.json or GGUF file for exact counts.",
        tokenizer,
        vendor,
        name,
      )
    : vscode.l10n.t(
        "Approximate: counted with {0}, because {1} publishes no tokenizer for {2}.",
        tokenizer,
        vendor,
        name,
      );
}

export class Tokenizers {
  readonly #extensionUri: vscode.Uri;
  readonly #loaded = new Map<string, Promise<Tokenizer>>();

  constructor(extensionUri: vscode.Uri) {
    this.#extensionUri = extensionUri;
  }

  /**
   * @param name as `chosenTokenizer` answers it.
   * @throws GlassboxError `invalid-request` for a name that says nothing, `file-unreadable`, `file-invalid`.
   */
  async get(name: string): Promise<Tokenizer> {
    const encoding = isEncodingName(name) ? name : tokenizerOfModel(name)?.tokenizer;
    if (encoding === undefined) {
      throw new GlassboxError("invalid-request", `There is no tokenizer "${name}".`);
    }
    let found = this.#loaded.get(encoding);
    if (!found) {
      found = this.#load(encoding);
      this.#loaded.set(encoding, found);
      found.catch(() => this.#loaded.delete(encoding));
    }
    return found;
  }

  async #load(name: string): Promise<Tokenizer> {
    const [{ BytePairEncoder }, { EncodingTable }, table, kernel] = await Promise.all([
      import("../core/tokens/bytePairEncoder.js"),
      import("../core/tokens/encodingTable.js"),
      this.#read("media", "encodings", `${name}.bin`),
      this.#read("dist", "tokenKernel.wasm"),
    ]);
    const buffer = table.buffer.slice(table.byteOffset, table.byteOffset + table.byteLength) as ArrayBuffer;
    return new BytePairEncoder(new EncodingTable(buffer, name), new WebAssembly.Module(kernel));
  }

  async #read(...path: string[]): Promise<Uint8Array> {
    const uri = vscode.Uri.joinPath(this.#extensionUri, ...path);
    return vscode.workspace.fs.readFile(uri).then(undefined, (error: unknown) => {
      throw new GlassboxError(
        "file-unreadable",
        `Cannot read the tokenizer's part "${uri.fsPath}".`,
        "Run npm run build to make it, or install Glassbox again.",
        { cause: error },
      );
    });
  }
}
