/** What the host does for a page with "Guess the Next Token": keeps what is to be guessed, and scores each guess. */

import { basename } from "node:path";
import { rankOf, rate, rated } from "../../core/guess/rate.js";
import { bestHit, hitOf, readingsOf, typedText } from "../../core/guess/round.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { GuessHost, GuessRound, RatedToken, ScoredGuess } from "../../shared/panels/guess.js";
import type { Handlers } from "../../shared/rpc.js";
import type { PlacedModelToken } from "../../shared/types.js";
import { visibleText } from "../../shared/visibleText.js";
import { BUILT_IN_MODEL, engineOf, type ModelService } from "../models.js";

/** Tokens of a passage. */
const ROUNDS = 20;
/** Tokens before the passage that the model reads at most, so that a processor answers within seconds. */
const MOST_CONTEXT = 512;
/** Tokens that are kept free for the passage and for spelling guesses. */
const ROOM_TO_GUESS = 64;
/** No token of the vocabularies in use stands for more characters of ordinary text on average. */
const CHARACTERS_PER_TOKEN = 16;
/** UTF-16 units that matter before and behind the caret. */
export const CHARACTERS_BEFORE = MOST_CONTEXT * CHARACTERS_PER_TOKEN;
export const CHARACTERS_BEHIND = ROUNDS * CHARACTERS_PER_TOKEN * 4;
/** Tokens that are shown before the first guess. */
const TAIL = 40;
/** Characters of a guess: a game of single tokens. */
const MOST_TYPED = 64;
const ALTERNATIVES = 5;

export interface GuessText {
  fileName: string;
  /** What is read, and where in it the game begins. */
  text: string;
  caret: number;
  /** Whether there is more text before it. */
  cutAtStart: boolean;
  lineBreak: "\n" | "\r\n";
  /** 0-based line in the document of an offset in the text. */
  lineOf(offset: number): number;
}

export interface GuessSurface {
  text(): GuessText | undefined;
  /** Hides a part of the text from the eye, where that stands in an editor; nothing where it is left out. */
  hide(part?: { start: number; end: number }): void;
}

interface Game {
  lineBreak: "\n" | "\r\n";
  /** What the model reads before the passage. */
  context: number[];
  passage: PlacedModelToken[];
  modelPath: string;
}

export function guessHandlers(
  models: Pick<ModelService, "ready" | "call">,
  surface: GuessSurface,
): Handlers<GuessHost> {
  let game: Game | undefined;

  return {
    begin: async (_, { signal }) => {
      game = undefined;
      surface.hide();
      const read = surface.text();
      if (!read) return { kind: "no-text" };
      const model = await models.ready(signal);
      const tokens = await models.call("tokenize", { text: read.text, bos: true }, { signal });
      throwIfCancelled(signal);
      const bos = tokens[0]?.special && tokens[0].start === tokens[0].end ? 1 : 0;
      const found = tokens.findIndex((token, at) => at >= bos && token.end > read.caret);
      const first = found < 0 ? tokens.length : found;
      const room = Math.max(1, Math.min(MOST_CONTEXT, model.contextSize - ROOM_TO_GUESS));
      // The model wants its BOS first, however much of the text is left out.
      const context =
        first <= room
          ? tokens.slice(0, first)
          : [...tokens.slice(0, bos), ...tokens.slice(first - room + bos, first)];
      if (context.length === 0) return { kind: "nothing" };
      const passage = tokens.slice(first, first + ROUNDS);
      const start = passage[0]?.start ?? read.caret;
      game = {
        lineBreak: read.lineBreak,
        context: context.map(({ id }) => id),
        passage,
        modelPath: model.path,
      };
      if (passage.length > 0) surface.hide({ start, end: passage.at(-1)!.end });
      return {
        kind: "passage",
        passage: {
          fileName: read.fileName,
          line: read.lineOf(start),
          before: context.slice(context[0]?.special ? 1 : 0).slice(-TAIL),
          contextTokens: context.length,
          cut: read.cutAtStart || context.length < first,
          insideToken: start < read.caret,
          count: passage.length,
          model,
          builtIn: basename(model.path) === BUILT_IN_MODEL,
          engine: engineOf(model),
        },
      };
    },

    guess: async ({ index, typed }, { signal }) => {
      const playing = game;
      if (!playing || index < 0 || index > Math.max(0, playing.passage.length - 1)) {
        throw new GlassboxError("invalid-request", `There is no place ${index} to guess.`);
      }
      if ((await models.ready(signal)).path !== playing.modelPath) {
        throw new GlassboxError(
          "invalid-request",
          t("Another model was chosen in the meantime."),
          t("Begin again with that."),
        );
      }
      const { passage, lineBreak } = playing;
      const tokenIds = [...playing.context, ...passage.slice(0, index).map(({ id }) => id)];
      const there = passage[index];
      const { logits } = await models.call("next", { tokenIds }, { signal });
      const { best, entropy } = rate(logits, ALTERNATIVES);
      const names = await namesOf(
        models,
        best.map(({ id }) => id),
        signal,
      );
      const alternatives = best.map((each): RatedToken => ({ ...each, token: names.get(each.id)! }));
      const [favourite] = alternatives;
      if (!favourite) throw new GlassboxError("failed", t("The model's vocabulary is empty."));
      const readings = typed === "" ? [] : readingsOf(typedText(typed, lineBreak).slice(0, MOST_TYPED));
      const encoder = new TextEncoder();
      const behind = Uint8Array.from(passage.slice(index).flatMap(({ bytes }) => [...bytes]));
      const round: GuessRound = {
        index,
        guess: readings.length === 0 ? undefined : await score(models, tokenIds, readings, signal),
        text: there && {
          token: there,
          rank: rankOf(logits, there.id),
          ...rated(logits, there.id),
        },
        favourite,
        alternatives,
        entropy,
        hit:
          there && bestHit(readings.map((each) => hitOf(encoder.encode(each), behind, there.bytes.length))),
        favouriteHit: there !== undefined && favourite.token.id === there.id,
      };
      // Given up or begun anew meanwhile: what is hidden is another's.
      if (game !== playing) throw GlassboxError.cancelled();
      const next = passage[index + 1];
      if (next) surface.hide({ start: next.start, end: passage.at(-1)!.end });
      else surface.hide();
      return round;
    },

    showAll: () => {
      game = undefined;
      surface.hide();
      return null;
    },
  };
}

/** Scores the more probable reading of a guess. */
async function score(
  models: Pick<ModelService, "call">,
  tokenIds: number[],
  readings: string[],
  signal: AbortSignal,
): Promise<ScoredGuess> {
  const found = await models.call("continuations", { tokenIds, texts: readings }, { signal });
  let at = 0;
  for (let other = 1; other < found.length; other++)
    if (found[other]!.probability > found[at]!.probability) at = other;
  const { probability, missing, oneToken, beginning, spelling } = found[at]!;
  const names = await namesOf(models, spelling, signal);
  const bits = (part: number) => Math.max(0, -Math.log2(part));
  return {
    text: visibleText(new TextEncoder().encode(readings[at]!)),
    spaced: at > 0,
    rule: oneToken ? "token" : beginning > 0 ? "part" : "several",
    beginning,
    spelling: spelling.map((id) => names.get(id)!),
    probability,
    bits: bits(probability),
    leastBits: bits(probability + missing),
  };
}

async function namesOf(models: Pick<ModelService, "call">, ids: number[], signal: AbortSignal) {
  const tokens = await models.call("tokens", { ids }, { signal });
  return new Map(tokens.map((token) => [token.id, token]));
}
