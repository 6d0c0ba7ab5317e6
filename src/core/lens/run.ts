/** One run of the forward pass: where it keeps its numbers, and what the stages are that it consists of. */

import type { Cut } from "../../shared/panels/attention.js";
import { Arena, type Kernel, type Pointer } from "./kernel/kernel.js";
import { triangle } from "./packedAttention.js";
import { type Operand, placeOperand, roundUp, scratchBytes, TOKENS_TOGETHER } from "./products.js";
import type { PlacedModel } from "./weights.js";

/** Queries of one head whose attention is computed as one piece of work. */
export const QUERY_BLOCK = 32;
/** Positions whose logits are computed at a time. */
export const LOGIT_BLOCK = 16;
/** Tokens that go through the feed-forward part at a time: its hidden layer is several times as wide as the stream. */
export const FEED_BLOCK = 128;
/**
 * The most that the maps of a run may take in bytes, above which they are made again when they are looked at: a study
 * of the run needs as much once more for the residual stream.
 */
const MOST_MAP_BYTES = 48 * 2 ** 20;

/** What products are computed with: f32, or integers of 16 bits that are summed in 32. */
export type Arithmetic = "f32" | "i16";

/** Where one run keeps its numbers. Plain data; every buffer is f32 unless said. */
export interface RunBuffers {
  tokens: number;
  arithmetic: Arithmetic;
  tokenIds: Pointer; // (tokens) i32
  /** One for each of the shape's ropes: (tokens, rotated / 2, 2). */
  ropes: Pointer[];
  x: Pointer; // (tokens, dim), the residual stream
  normed: Pointer; // (tokens, dim), where `projected` is
  normedReady: Operand; // (tokens, dim)
  q: Pointer; // (tokens, heads * headDim)
  k: Pointer; // (tokens, kvHeads * headDim)
  v: Pointer; // (tokens, kvHeads * headDim)
  /** (heads, tokens, tokens), of the layer at hand, where it is wanted as it was computed. */
  attention: Pointer | undefined;
  /** From what the attention of every layer can be had, where it can. */
  kept: KeptAttention | undefined;
  /** (layers + 1, tokens, dim): the residual stream before each layer and behind the last, where it is kept. */
  streams: Pointer | undefined;
  /** Whether this run writes the streams. */
  records: boolean;
  /** The layer that this run begins with, from the streams that are there; undefined: with the embeddings. */
  resumesAt: number | undefined;
  cuts: readonly Cut[];
  /** A row of attention that is wanted as it was computed, and where: (tokens). */
  wantedRow: { layer: number; head: number; query: number; to: Pointer } | undefined;
  /** Whether every token is taken to stand at the first position, as if there were no order. */
  equalPositions: boolean;
  mixed: Pointer; // (tokens, heads * headDim), where `projected` is
  mixedReady: Operand; // (tokens, heads * headDim), where `normedReady` is
  projected: Pointer; // (tokens, dim), what a part adds to the residual stream
  gate: Pointer; // (FEED_BLOCK, hidden)
  gateReady: Operand; // (FEED_BLOCK, hidden)
  up: Pointer; // (FEED_BLOCK, hidden)
  /** What a mixture of experts needs besides; `gate` and `up` then have a row for each token of each expert. */
  experts: ExpertBuffers | undefined;
  logits: Pointer; // (LOGIT_BLOCK, vocabulary rounded up to a multiple of 4)
  /** One a thread. */
  scratch: Scratch[];
  end: Pointer;
}

/**
 * The attention of every layer: its maps, or where they are large the residual stream before it, in `streams`, from
 * which `remakeLayer` makes the same maps again.
 */
type KeptAttention =
  | { as: "maps"; pointer: Pointer /* (layers, heads, lower triangle of tokens²) f16 */ }
  | ({ as: "streams" } & RemakeBuffers);

/** What a layer is made again in, a head at a time, beside a run that goes on. */
interface RemakeBuffers {
  normed: Pointer; // (TOKENS_TOGETHER, dim)
  normedReady: Operand; // (tokens, dim)
  q: Pointer; // (tokens, headDim rounded up to a multiple of 4), of one head
  k: Pointer; // (tokens, headDim rounded up to a multiple of 4), of the head that it shares
  map: Pointer; // (lower triangle of tokens²) f16
  scratch: Scratch;
}

/** What one thread needs for itself. */
interface Scratch {
  panel: Pointer;
  scores: Pointer; // (QUERY_BLOCK, tokens)
}

export interface ExpertBuffers {
  /** Places for one token with one expert, the tokens of an expert side by side from a multiple of eight on. */
  slots: number;
  scores: Pointer; // (tokens, experts rounded up to a multiple of 4)
  /** (experts, 2) i32: the first slot of each and how many tokens have it. */
  spans: Pointer;
  slotTokens: Pointer; // (slots) i32
  tokenSlots: Pointer; // (tokens, used) i32
  shares: Pointer; // (tokens, used), what each expert's answer is multiplied with
  chosen: Pointer; // (slots, dim), the normed token of each slot
  chosenReady: Operand; // (slots, dim)
  answers: Pointer; // (slots, dim)
  /** Which experts every token had in every layer, the best first, and their shares. */
  routedTo: Pointer; // (layers, tokens, used) i32
  routedShares: Pointer; // (layers, tokens, used)
}

export interface RunOptions {
  arithmetic: Arithmetic;
  /** Whether the attention of the layer at hand is wanted in f32, besides what is kept. */
  f32Attention: boolean;
  /** Up to how many bytes the maps are kept as they are; 48 MiB where it is left out. */
  mapBytes?: number | undefined;
  /** See `RunBuffers`. */
  equalPositions?: boolean;
  threads: number;
}

/**
 * Lays out the buffers of a run behind the model's weights. What is needed in turns shares its memory: attention, the
 * feed-forward part and the logits; the normed stream, what the heads mix and what a part adds to the stream.
 */
export function placeRun(
  model: Pick<PlacedModel, "shape" | "end">,
  tokens: number,
  options: RunOptions,
): RunBuffers {
  const { arithmetic, f32Attention, mapBytes = MOST_MAP_BYTES, equalPositions = false, threads } = options;
  const { dim, heads, kvHeads, headDim, hidden, vocabulary, experts, ropes } = model.shape;
  const arena = new Arena(model.end);
  // Each expert may leave all but one place of its last eight empty.
  const slots = experts
    ? roundUp(tokens * experts.used + experts.count * (TOKENS_TOGETHER - 1), TOKENS_TOGETHER)
    : 0;
  const hiddenRows = experts ? slots : Math.min(tokens, FEED_BLOCK);
  const ready = (from: Arena, columns: number, rows: number) => placeOperand(from, columns, rows, arithmetic);
  const scratch = (): Scratch => ({
    panel: arena.take(scratchBytes(Math.max(tokens, slots))),
    scores: arena.floats(QUERY_BLOCK * tokens),
  });
  const projected = arena.floats(tokens * Math.max(dim, heads * headDim));
  const [normedReady, mixedReady] = inOnePlace(arena, [
    (own) => ready(own, dim, tokens),
    (own) => ready(own, heads * headDim, tokens),
  ]);
  const allMaps = model.shape.layers * heads * triangle(tokens) * 2;
  const keepsMaps = allMaps <= mapBytes;
  const headFloats = tokens * roundUp(headDim, 4);
  const always = {
    tokens,
    arithmetic,
    tokenIds: arena.floats(tokens),
    ropes: ropes.map((rope) => arena.floats(tokens * rope.rotated)),
    x: arena.floats(tokens * dim),
    projected,
    normed: projected,
    normedReady,
    mixed: projected,
    mixedReady,
    attention: f32Attention ? arena.floats(heads * tokens * tokens) : undefined,
    kept: keepsMaps
      ? { as: "maps" as const, pointer: arena.take(allMaps) }
      : {
          as: "streams" as const,
          normed: arena.floats(TOKENS_TOGETHER * dim),
          normedReady: ready(arena, dim, tokens),
          q: arena.floats(headFloats),
          k: arena.floats(headFloats),
          map: arena.take(triangle(tokens) * 2),
          scratch: scratch(),
        },
    streams: keepsMaps ? undefined : placeStreams(arena, model, tokens),
    records: !keepsMaps,
    scratch: Array.from({ length: threads }, scratch),
  };
  const routing = experts && {
    slots,
    scores: arena.floats(tokens * roundUp(experts.count, 4)),
    spans: arena.floats(experts.count * 2),
    slotTokens: arena.floats(slots),
    tokenSlots: arena.floats(tokens * experts.used),
    shares: arena.floats(tokens * experts.used),
    ...placeRouted(arena, model, tokens),
  };
  const [attending, feeding, ending] = [1, 2, 3].map(() => new Arena(arena.end)) as [Arena, Arena, Arena];
  return {
    ...always,
    q: attending.floats(tokens * heads * headDim),
    k: attending.floats(tokens * kvHeads * headDim),
    v: attending.floats(tokens * kvHeads * headDim),
    gate: feeding.floats(hiddenRows * hidden),
    gateReady: ready(feeding, hidden, hiddenRows),
    up: feeding.floats(hiddenRows * hidden),
    experts: routing && {
      ...routing,
      chosen: feeding.floats(slots * dim),
      chosenReady: ready(feeding, dim, slots),
      answers: feeding.floats(slots * dim),
    },
    logits: ending.floats(LOGIT_BLOCK * roundUp(vocabulary, 4)),
    resumesAt: undefined,
    cuts: [],
    wantedRow: undefined,
    equalPositions,
    end: Math.max(attending.end, feeding.end, ending.end),
  };
}

/** Finds room for two things of which one is not needed any more when the other is. */
function inOnePlace<T>(arena: Arena, [one, other]: readonly [Place<T>, Place<T>]): [T, T] {
  const [first, second] = [new Arena(arena.end), new Arena(arena.end)];
  const placed: [T, T] = [one(first), other(second)];
  arena.take(Math.max(first.end, second.end) - arena.end);
  return placed;
}

type Place<T> = (arena: Arena) => T;

function placeStreams(
  arena: Arena,
  { shape: { dim, layers } }: Pick<PlacedModel, "shape">,
  tokens: number,
): Pointer {
  return arena.floats((layers + 1) * tokens * dim);
}

/** Room for where a mixture of experts sends its tokens; nothing in a model without experts. */
function placeRouted(
  arena: Arena,
  { shape: { experts, layers } }: Pick<PlacedModel, "shape">,
  tokens: number,
): Pick<ExpertBuffers, "routedTo" | "routedShares"> {
  const count = layers * tokens * (experts?.used ?? 0);
  return { routedTo: arena.floats(count), routedShares: arena.floats(count) };
}

/** What is needed to look into a run that is over, besides its own buffers. */
export interface StudyBuffers {
  /** In the buffers of the run itself, but for what must stay as it was. */
  run: RunBuffers & { streams: Pointer };
  otherIds: Pointer; // (tokens) i32, the ids of a changed text
  row: Pointer; // (tokens), a row of attention
}

/** Lays out what looks into a run; where the run has not kept the residual stream, a second pass has to record it. */
export function placeStudy(model: Pick<PlacedModel, "shape">, of: RunBuffers): StudyBuffers {
  const arena = new Arena(of.end);
  const streams = of.streams ?? placeStreams(arena, model, of.tokens);
  const otherIds = arena.floats(of.tokens);
  const row = arena.floats(of.tokens);
  const experts = of.experts && { ...of.experts, ...placeRouted(arena, model, of.tokens) };
  return {
    run: {
      ...of,
      attention: undefined,
      kept: undefined,
      streams,
      records: of.streams === undefined,
      experts,
      end: arena.end,
    },
    otherIds,
    row,
  };
}

export interface Stage {
  /** How many independent pieces of work there are. */
  items: number;
  run(item: number): void;
  /** The layer whose attention is complete when this stage is. */
  attentionOf?: number;
}

export interface ForwardContext {
  kernel: Kernel;
  memory: WebAssembly.Memory;
  model: PlacedModel;
  run: RunBuffers;
  /** Which of the scratch buffers is this thread's. */
  thread: number;
}
