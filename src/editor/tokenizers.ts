/**
 * The tokenizers by the names that settings give them, each read at its first use and shared by all features: the
 * tables of media/encodings, those inside GGUF files, and tokenizer.json files.
 */

import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, extname } from "node:path";
import * as vscode from "vscode";
import { DEFAULT_ENCODING, ENCODINGS, isEncodingName } from "../core/tokens/encodings.js";
import { nearNames, tokenizerOfModel } from "../core/tokens/modelNames.js";
import { LONGEST_PIECE, type Tokenizer } from "../core/tokens/tokenizer.js";
import { GlassboxError } from "../shared/errors.js";
import { Disposable } from "./disposable.js";
import { textSetting } from "./settings.js";

/** The setting that names the tokenizer of the editor. */
export const TOKENIZER_SETTING = "glassbox.tokens.tokenizer";

/** The name of the tokenizer inside the active model. */
export const MODEL_TOKENIZER = "model";
const FROM_FILE = /^(gguf|file):(.+)$/;

/** The tokenizer that the reader chose: an encoding, a model's name, `model`, `gguf:PATH` or `file:PATH`. */
export function chosenTokenizer(): string {
  return textSetting(TOKENIZER_SETTING) || DEFAULT_ENCODING;
}

/** What was loaded under a name last. */
const lastLoaded = new Map<string, Tokenizer>();

/**
 * Why counts by this tokenizer are no more than approximate; undefined where they are exact. The answer may change
 * while it counts, as only then it meets a text that it cannot read exactly.
 */
export function approximation(name: string, loaded = lastLoaded.get(name)): string | undefined {
  const reasons = loaded ? departures(loaded) : [];
  if (reasons.length > 0) return reasons.join(" ");
  if (isEncodingName(name) || name === MODEL_TOKENIZER || FROM_FILE.test(name)) return undefined;
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

/** What stands before a count by the tokenizer that is chosen: "~" where it is approximate. */
export function approximateSign(): string {
  return approximation(chosenTokenizer()) === undefined ? "" : "~";
}

/** In what a tokenizer from a file departs from its makers' own. */
function departures(tokenizer: Tokenizer): string[] {
  const { name } = tokenizer;
  const reasons: string[] = [];
  if (tokenizer.leavesOutNfc) {
    reasons.push(
      vscode.l10n.t(
        "Approximate: {0} brings text to the Unicode form NFC first, which is not done here. Text in that form is counted exactly.",
        name,
      ),
    );
  }
  if (tokenizer.standsInForTable) {
    reasons.push(
      vscode.l10n.t(
        "Approximate: {0} normalises text by a table of its own; the Unicode form NFKC stands for it here, which is the same for nearly all text.",
        name,
      ),
    );
  }
  if (tokenizer.leavesOutAdded) {
    reasons.push(
      vscode.l10n.t(
        "Approximate: {0} has tokens that were added by hand, which are read as any other text here. Text that spells none of them is counted exactly.",
        name,
      ),
    );
  }
  if (tokenizer.cutRun) {
    reasons.push(
      vscode.l10n.t(
        "Approximate: {0} has met a run of more than {1} characters that it cuts nowhere, which is counted in parts here.",
        name,
        LONGEST_PIECE,
      ),
    );
  }
  return reasons;
}

/** Milliseconds that reading a tokenizer may hold the extension host at a time. */
const SLICE_MS = 2;

/** Where the active model lies, and when that may have changed. */
export interface ActiveModel {
  activePath(): Promise<string>;
  readonly onDidChange: vscode.Event<unknown>;
}

/** A tokenizer's name as people read it. */
export function tokenizerLabel(name: string): string {
  const path = FROM_FILE.exec(name)?.[2];
  if (path !== undefined) return basename(path);
  return name === MODEL_TOKENIZER ? vscode.l10n.t("the model's own") : name;
}

export class Tokenizers extends Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #model: ActiveModel | undefined;
  readonly #loaded = new Map<string, Promise<Tokenizer>>();
  /** Fires when `model` may mean another tokenizer than before. */
  readonly onDidChangeModel: vscode.Event<unknown>;

  constructor(extensionUri: vscode.Uri, model?: ActiveModel) {
    super();
    this.#extensionUri = extensionUri;
    this.#model = model;
    this.onDidChangeModel = model?.onDidChange ?? this._register(new vscode.EventEmitter<unknown>()).event;
  }

  /**
   * The name with `model` put as the file that it is now, and `~` as the home folder.
   * @throws GlassboxError `no-model`.
   */
  async resolve(name: string): Promise<string> {
    if (name === MODEL_TOKENIZER && this.#model) return `gguf:${await this.#model.activePath()}`;
    return name.replace(/^(gguf|file):~(?=[/\\])/, `$1:${homedir()}`);
  }

  /**
   * @param name as `chosenTokenizer` answers it.
   * @throws GlassboxError `invalid-request` for a name that says nothing, `file-unreadable`, `file-invalid`,
   *   `unsupported`, `no-model`.
   */
  async get(name: string): Promise<Tokenizer> {
    const resolved = await this.resolve(name);
    const [, , path] = FROM_FILE.exec(resolved) ?? [];
    if (path !== undefined) {
      const about = await stat(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      // Another file may have taken its place.
      return this.#keep(name, `${resolved}\n${about.mtimeMs}\n${about.size}`, () => loadFile(path));
    }
    const encoding = isEncodingName(resolved) ? resolved : tokenizerOfModel(resolved)?.tokenizer;
    if (encoding === undefined) {
      const near = nearNames(name, Object.keys(ENCODINGS));
      throw new GlassboxError(
        "invalid-request",
        near.length === 0
          ? vscode.l10n.t('There is no tokenizer "{0}".', name)
          : vscode.l10n.t('There is no tokenizer "{0}". Near to it are {1}.', name, near.join(", ")),
        vscode.l10n.t("Choose one with Glassbox: Choose Tokenizer."),
      );
    }
    return this.#keep(name, encoding, () => this.#load(encoding));
  }

  async #keep(name: string, key: string, load: () => Promise<Tokenizer>): Promise<Tokenizer> {
    const tokenizer = await this.#kept(key, load);
    lastLoaded.set(name, tokenizer);
    return tokenizer;
  }

  #kept(key: string, load: () => Promise<Tokenizer>): Promise<Tokenizer> {
    let found = this.#loaded.get(key);
    if (!found) {
      found = load();
      this.#loaded.set(key, found);
      found.catch(() => this.#loaded.delete(key));
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
        vscode.l10n.t('Cannot read the tokenizer\'s part "{0}".', uri.fsPath),
        vscode.l10n.t("Run npm run build to make it, or install Glassbox again."),
        { cause: error },
      );
    });
  }
}

/** Reads a tokenizer from a file, whose content says what kind it is. */
async function loadFile(path: string): Promise<Tokenizer> {
  try {
    if (extname(path).toLowerCase() === ".json") {
      const { huggingFaceTokenizer } = await import("../core/tokens/huggingFaceTokenizer.js");
      return await inSlices(huggingFaceTokenizer(basename(path), await readFile(path)));
    }
    const [{ openModelFile }, { readGgufHeaderInSteps }, { ggufTokenizer }] = await Promise.all([
      import("../workers/modelFile.js"),
      import("../core/lens/gguf/readGguf.js"),
      import("../core/tokens/ggufTokenizer.js"),
    ]);
    const file = openModelFile(path);
    try {
      return await inSlices(ggufTokenizer(await inSlices(readGgufHeaderInSteps(file))));
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof GlassboxError)) throw unreadable(path, error);
    throw new GlassboxError(error.code, error.message, CHOOSE_ANOTHER(), { cause: error });
  }
}

/** Runs steps to their end, letting others have their turn every few milliseconds. */
async function inSlices<T>(steps: Generator<void, T, void>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE_MS;
    while (performance.now() < end) {
      const step = steps.next();
      if (step.done) return step.value;
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

const CHOOSE_ANOTHER = () => vscode.l10n.t("Choose another with Glassbox: Choose Tokenizer.");

function unreadable(path: string, cause: unknown): GlassboxError {
  return new GlassboxError(
    "file-unreadable",
    vscode.l10n.t('Cannot read the tokenizer "{0}": {1}', path, GlassboxError.from(cause).message),
    CHOOSE_ANOTHER(),
    { cause },
  );
}
