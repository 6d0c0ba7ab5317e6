/** What the host does for the page of "Show Surprisal". */

import { basename } from "node:path";
import { GlassboxError } from "../../shared/errors.js";
import type {
  ComparisonProgress,
  ModelComparison,
  ShownComparison,
  SurprisalHost,
  SurprisalState,
  SurprisalTokens,
} from "../../shared/panels/surprisal.js";
import type { Handlers } from "../../shared/rpc.js";
import { tokenName } from "../../shared/tokenName.js";
import { BUILT_IN_MODEL, engineOf } from "../models.js";
import { fileHash } from "../saving.js";
import { chosenPalette } from "../tokens/paletteSetting.js";
import type { SurprisalSession } from "./surprisalSession.js";
import { thresholds } from "./surprisalSettings.js";

/** What the page can make happen. */
export interface SurprisalSurface {
  session(): SurprisalSession | undefined;
  reveal(start: number, end: number): Promise<void>;
  readAgain(): Promise<void>;
  /** See `SurprisalHost.compare`. */
  compare(
    session: SurprisalSession,
    signal: AbortSignal,
    onProgress: (progress: ComparisonProgress) => void,
  ): Promise<ShownComparison | null>;
  hide(): void;
}

export function surprisalHandlers(surface: SurprisalSurface): Handlers<SurprisalHost> {
  let compared: ModelComparison | undefined;
  return {
    state: () => {
      const session = surface.session();
      return session && stateOf(session);
    },
    reveal: async ({ start, end }) => {
      await surface.reveal(start, end);
      return null;
    },
    stop: () => {
      surface.session()?.stop();
      return null;
    },
    goOn: () => {
      // How it ends is told by its state.
      void surface.session()?.start();
      return null;
    },
    readAgain: async () => {
      await surface.readAgain();
      return null;
    },
    compare: async (_, { signal, emit }) => {
      const session = surface.session();
      const shown = session ? await surface.compare(session, signal, emit) : null;
      if (shown) compared = shown.comparison;
      return shown;
    },
    comparedHashes: async (_, { signal }) => {
      if (!compared) throw new GlassboxError("invalid-request", "No models have been compared yet.");
      const { first, second } = compared;
      return [await fileHash(first.info.path, signal), await fileHash(second.info.path, signal)];
    },
    hide: () => {
      surface.hide();
      return null;
    },
  };
}

/** All that the page shows of a session. */
export function stateOf(session: SurprisalSession): SurprisalState {
  const { model, source, phase, windows, read } = session;
  const all = session.tokens();
  const count = all.length;
  const tokens: SurprisalTokens = {
    texts: [],
    starts: new Uint32Array(count),
    ends: new Uint32Array(count),
    lines: new Uint32Array(count),
    columns: new Uint32Array(count),
    bits: new Float64Array(count).fill(Number.NaN),
    ranks: new Uint32Array(count),
    entropies: new Float64Array(count).fill(Number.NaN),
    entropiesWithin: new Float64Array(count).fill(Number.NaN),
    bestTexts: [],
    bestProbabilities: new Float64Array(count),
  };
  let bytes = 0;
  all.forEach(({ token, start, end, reading }, at) => {
    const position = session.document.positionAt(start);
    tokens.texts.push(tokenName(token));
    tokens.starts[at] = start;
    tokens.ends[at] = end;
    tokens.lines[at] = position.line;
    tokens.columns[at] = position.character;
    if (!reading) {
      tokens.bestTexts.push("");
      return;
    }
    const [best] = reading.alternatives;
    const name = best && session.name(best.id);
    tokens.bits[at] = reading.bits;
    tokens.ranks[at] = reading.rank;
    tokens.entropies[at] = reading.entropy;
    tokens.entropiesWithin[at] = reading.entropyWithin;
    tokens.bestTexts.push(name ? tokenName(name) : best ? `#${best.id}` : "");
    tokens.bestProbabilities[at] = best?.probability ?? 0;
    bytes += token.bytes.length;
  });
  return {
    source,
    phase,
    model,
    builtIn: model !== undefined && basename(model.path) === BUILT_IN_MODEL,
    engine: engineOf(model),
    windows,
    thresholds: [...thresholds()],
    palette: chosenPalette(),
    read,
    bytes,
    tokens,
  };
}
