/** What the host does for a page that shows why a text was split: tokenizers by name, and the text around the caret. */

import { DEFAULT_ENCODING, ENCODING_NAMES } from "../../core/tokens/encodings.js";
import type { Splitter } from "../../core/tokens/tokenizer.js";
import type { SplitHost, SplitSource, TokenizerOption } from "../../shared/panels/split.js";
import type { Handlers } from "../../shared/rpc.js";
import { chosenTokenizer, type Tokenizers } from "../tokenizers.js";

export interface SplitEnvironment {
  tokenizers: Tokenizers;
  /** The text that the reader asked about; undefined without any. */
  source(splitter: Splitter): SplitSource | undefined;
  /** The text around the caret now. */
  caretText(splitter: Splitter): SplitSource | undefined;
  follow(on: boolean): void;
}

export function splitHandlers(environment: SplitEnvironment): Handlers<SplitHost> {
  const { tokenizers } = environment;
  return {
    start: async () => {
      const splitter = await chosenSplitter(tokenizers);
      const options = await tokenizerOptions(tokenizers);
      // The text last: the page may have been told of another one meanwhile.
      return {
        source: environment.source(splitter),
        tokenizer: chosenTokenizer(),
        tokenizers: options,
      };
    },
    look: async ({ text, at, tokenizer }) => {
      const [found, { splitView }] = await Promise.all([
        tokenizers.get(tokenizer),
        import("../../core/tokens/splitView.js"),
      ]);
      const from = performance.now();
      const view = splitView(found, text, at);
      return { ...view, ms: performance.now() - from };
    },
    caretText: async () => environment.caretText(await chosenSplitter(tokenizers)),
    follow: ({ on }) => {
      environment.follow(on);
      return null;
    },
  };
}

/** The pre-tokeniser of the tokenizer in use. One that cannot be loaded says so when it is to cut. */
export async function chosenSplitter(tokenizers: Tokenizers): Promise<Splitter> {
  const { splitter } = await tokenizers.get(chosenTokenizer()).catch(() => tokenizers.get(DEFAULT_ENCODING));
  return splitter;
}

/** The encodings, and before them what the reader has chosen instead. */
export async function tokenizerOptions(tokenizers: Tokenizers): Promise<TokenizerOption[]> {
  const chosen = chosenTokenizer();
  const encodings = ENCODING_NAMES.map((name) => ({ name, label: name }));
  if (encodings.some(({ name }) => name === chosen)) return encodings;
  const called = await tokenizers.get(chosen).then(
    ({ name }) => name,
    () => undefined,
  );
  const isPath = /^(gguf|file):/.test(chosen);
  const label =
    called === undefined || called === chosen ? chosen : isPath ? called : `${chosen} (${called})`;
  return [{ name: chosen, label }, ...encodings];
}
