/** What the host does for a page that samples: prompt, logits and names, from the loaded model. */

import { basename } from "node:path";
import { lastCharacters } from "../../shared/cutText.js";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { SamplingHost, SamplingSource } from "../../shared/panels/sampling.js";
import type { Handlers } from "../../shared/rpc.js";
import { BUILT_IN_MODEL, engineOf, type ModelService } from "../models.js";

/** As many tokens of text as are read, so that a processor answers within seconds. */
export const MOST_PROMPT_TOKENS = 512;

/** Tokens of the context that are kept free for drawing. */
const ROOM_TO_DRAW = 64;

/** No token of the vocabularies in use stands for more characters of ordinary text on average. */
const CHARACTERS_PER_TOKEN = 16;

/** As much of a text as can matter; longer ones are cut at their beginning. */
export const MOST_CHARACTERS = MOST_PROMPT_TOKENS * CHARACTERS_PER_TOKEN;

/**
 * Handlers for any page with the sampling exhibit; `readAgain` is what to do when it asks for a fresh text, `insert`
 * when it brings one for the document, where there is one.
 */
export function samplingHandlers(
  models: Pick<ModelService, "ready" | "call">,
  source: () => SamplingSource | undefined,
  readAgain: () => void,
  insert?: (text: string) => Promise<void>,
): Handlers<SamplingHost> {
  return {
    prompt: async (_, { signal }) => {
      const read = source();
      if (!read) return { kind: "no-text" };
      const model = await models.ready(signal);
      const { text, ...place } = read;
      const tail = lastCharacters(text, MOST_CHARACTERS);
      const tokens = await models.call("tokenize", { text: tail, bos: true }, { signal });
      const room = Math.max(1, Math.min(MOST_PROMPT_TOKENS, model.contextSize - ROOM_TO_DRAW));
      // The model wants its BOS first, however much of the text is left out.
      const bos = tokens.slice(0, tokens[0]?.special && tokens[0].start === tokens[0].end ? 1 : 0);
      const kept = tokens.length <= room ? tokens : [...bos, ...tokens.slice(bos.length - room)];
      if (kept.length === 0) return { kind: "nothing" };
      return {
        kind: "prompt",
        prompt: {
          source: place,
          tokens: kept,
          cut: read.cutAtStart || tail.length < text.length || kept.length < tokens.length,
          model,
          builtIn: basename(model.path) === BUILT_IN_MODEL,
          engine: engineOf(model),
        },
      };
    },
    next: (params, { signal }) => models.call("next", params, { signal }),
    tokens: ({ ids }, { signal }) => models.call("tokens", { ids }, { signal }),
    readAgain: () => {
      readAgain();
      return null;
    },
    insert: async ({ text }) => {
      if (!insert) throw new GlassboxError("unsupported", t("This text stands in no document."));
      await insert(text);
      return null;
    },
  };
}
