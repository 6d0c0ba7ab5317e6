/** What a page with two runs side by side may ask: a second text, or a second model, in a lens process of its own. */

import { probabilities } from "../../core/lens/agreement.js";
import { counterpartsInOther, counterpartsInSame } from "../../core/lens/beside.js";
import { fetchLayer } from "../../core/lens/fetchLayer.js";
import { divergenceBits, largestChanges } from "../../core/lens/predictionChange.js";
import { firstCharacters } from "../../shared/cutText.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { fileNameOf } from "../../shared/fileNameOf.js";
import { t } from "../../shared/l10n.js";
import type { AttentionHost, AttentionSubject, BesideRun } from "../../shared/panels/attention.js";
import type { Caller, Handlers } from "../../shared/rpc.js";
import type { ModelInfo, PlacedModelToken } from "../../shared/types.js";
import type { LensProtocol } from "../../shared/workerProtocol.js";
import type { ModelService } from "../models.js";

/** Where a second run takes place, so that the first stays to be looked at. */
export interface Beside {
  lens: Caller<LensProtocol>;
  /** Lets the reader choose a second model. @returns its path; undefined where none was chosen. */
  chooseOther(): Promise<string | undefined>;
}

/** The first run, as the handlers of the panel keep it. */
export interface FirstRun {
  subject: AttentionSubject;
  /** What it was cut from. */
  text: string;
  lensRun: number;
}

/** Longer texts have more tokens than are shown. */
const MOST_CHARACTERS = 20_000;

export function besideHandlers(
  models: Pick<ModelService, "ready" | "call">,
  lens: Caller<LensProtocol>,
  first: () => FirstRun,
  beside: Beside | undefined,
): Pick<Handlers<AttentionHost>, "beside" | "besideLayer" | "besideEffect"> {
  let other: { run: BesideRun; of: number } | undefined;

  const secondLens = (): Caller<LensProtocol> => {
    if (beside) return beside.lens;
    throw new GlassboxError("unsupported", t("There is room for one run here; the attention panel has two."));
  };
  const second = (): BesideRun => {
    if (other && other.of === first().lensRun) return other.run;
    throw new GlassboxError(
      "invalid-request",
      t("There is no second run to look into."),
      t("Run both again."),
    );
  };

  return {
    beside: async ({ ask, exact }, { signal, emit }) => {
      const process = secondLens();
      const { subject, text, lensRun } = first();
      let file: string | undefined;
      if (ask.kind === "model") {
        emit({ kind: "choosing" });
        file = await beside?.chooseOther();
        if (file === undefined) return null;
        throwIfCancelled(signal);
      }
      // The second run before this one goes only now that another takes its place.
      other = undefined;
      emit({ kind: "reading", model: file && fileNameOf(file) });
      try {
        const read = firstCharacters(ask.kind === "text" ? ask.text : text, MOST_CHARACTERS);
        const tokenised = await (file === undefined
          ? otherText(models, subject, read, signal)
          : otherModel(models, subject, read, file, signal));
        const { model, sameVocabulary } = tokenised;
        const tokens = tokenised.tokens.slice(0, subject.limit);
        if (tokens.length === 0) {
          throw new GlassboxError(
            "invalid-request",
            t("The second text has no tokens."),
            t("Write some text."),
          );
        }
        const tokenIds = tokens.map(({ id }) => id);
        const { path, contextSize } = model;
        const run = await process.call(
          "attend",
          { path, tokenIds, exact, contextSize },
          { signal, onEvent: ({ layer }) => emit({ kind: "layer", layer, layers: model.layerCount }) },
        );
        const found = {
          model,
          tokens,
          cut: tokens.length < tokenised.tokens.length,
          run,
          counterparts:
            ask.kind === "text"
              ? counterpartsInOther(subject.tokens, tokens)
              : counterpartsInSame(subject.tokens, tokens),
          sameVocabulary,
        };
        other = { run: found, of: lensRun };
        return found;
      } catch (error) {
        throw ask.kind === "model" ? adviseAnotherFile(error) : error;
      }
    },

    besideLayer: ({ layer }, { signal }) =>
      fetchLayer(secondLens(), { run: second().run.run, layer }, signal),

    besideEffect: async ({ position, other: place }, { signal }) => {
      const { lensRun } = first();
      const { run, sameVocabulary } = second();
      if (!sameVocabulary) {
        throw new GlassboxError(
          "unsupported",
          t("The two models have different vocabularies, so their predictions are not over the same tokens."),
          t("Compare them by bits a byte with Glassbox: Show Surprisal."),
        );
      }
      const [before, after] = await Promise.all([
        lens.call("logits", { run: lensRun, position }, { signal }),
        secondLens().call("logits", { run: run.run, position: place }, { signal }),
      ]);
      const [p, q] = [probabilities(before), probabilities(after)];
      const changes = largestChanges(p, q);
      const tokens = await models.call("tokens", { ids: changes.map(({ id }) => id) }, { signal });
      return { effect: { klBits: divergenceBits(p, q), changes }, tokens };
    },
  };
}

/** What helps with a second file: elsewhere errors of a file send to the settings, which hold the first. */
function adviseAnotherFile(error: unknown): unknown {
  const { code, message } = GlassboxError.from(error);
  if (code !== "file-invalid" && code !== "file-unreadable" && code !== "unsupported") return error;
  const remedy = t("Choose another file for the second run; the first stays as it is.");
  return new GlassboxError(code, message, remedy, { cause: error });
}

interface Tokenised {
  model: ModelInfo;
  tokens: PlacedModelToken[];
  sameVocabulary: boolean;
}

async function otherText(
  models: Pick<ModelService, "ready" | "call">,
  { model }: AttentionSubject,
  text: string,
  signal: AbortSignal,
): Promise<Tokenised> {
  if ((await models.ready(signal)).path !== model.path) {
    throw new GlassboxError("invalid-request", t("Another model was chosen in the meantime."));
  }
  const tokens = await models.call("tokenize", { text, bos: true }, { signal });
  return { model, tokens, sameVocabulary: true };
}

async function otherModel(
  models: Pick<ModelService, "ready" | "call">,
  { model }: AttentionSubject,
  text: string,
  path: string,
  signal: AbortSignal,
): Promise<Tokenised> {
  const found = await models.call("tokenizeWith", { path, text }, { signal });
  const contextSize = Math.min(model.contextSize, found.model.trainedContext);
  return { ...found, model: { ...found.model, contextSize } };
}
