/** The feed-forward part of a block as stages: gated, plain, or a mixture of experts. From `normed` to `projected`. */

import { type Pointer, unpack } from "./kernel/kernel.js";
import {
  makeReady,
  type Operand,
  operandFrom,
  PANEL_ROWS,
  product,
  readyStage,
  roundUp,
  TOKENS_TOGETHER,
} from "./products.js";
import { type ExpertBuffers, FEED_BLOCK, type ForwardContext, type Stage } from "./run.js";
import type { FeedForward, Gated, Matrix, Mixture } from "./weights.js";

/** Below this, the smallest normal f16, the sum of the chosen shares is taken to be this (llama.cpp). */
const LEAST_SUM = 2 ** -14;

export function* feedForwardStages(
  context: ForwardContext,
  layer: number,
  weights: FeedForward,
): Generator<Stage, void, undefined> {
  if (weights.kind === "mixture") {
    yield* mixtureStages(context, layer, weights);
    return;
  }
  const { normedReady, gate, gateReady, projected, tokens } = context.run;
  for (let first = 0; first < tokens; first += FEED_BLOCK) {
    const count = Math.min(FEED_BLOCK, tokens - first);
    const x = operandFrom(normedReady, first);
    yield weights.kind === "gated"
      ? gatedStage(context, weights, x, count, 0)
      : plainStage(context, weights.up, x, count);
    yield readyStage(context, gate, gateReady, count);
    yield product(context, weights.down, gateReady, projected + first * weights.down.rows * 4, count);
  }
}

/** gate = activation(gate · x) * (up · x), a panel of rows at a time; in the rows from `firstRow` on. */
function gatedStage(
  context: ForwardContext,
  { gate, up }: Gated,
  x: Operand,
  tokens: number,
  firstRow: number,
): Stage {
  const { model, run } = context;
  const { hidden } = model.shape;
  const from = firstRow * hidden * 4;
  const gateProduct = product(context, gate, x, run.gate + from, tokens);
  const upProduct = product(context, up, x, run.up + from, tokens);
  const activate = gatedActivation(context);
  return {
    items: gateProduct.items,
    run(panel) {
      gateProduct.run(panel);
      upProduct.run(panel);
      const row = panel * PANEL_ROWS;
      const rows = Math.min(PANEL_ROWS, hidden - row);
      activate(run.gate + from + row * 4, run.up + from + row * 4, tokens, rows);
    },
  };
}

function gatedActivation({ kernel, model }: ForwardContext) {
  const stride = model.shape.hidden * 4;
  const table = model.tables.gelu;
  return (gate: Pointer, up: Pointer, tokens: number, columns: number): void => {
    if (table === undefined) kernel.swiglu(gate, up, stride, tokens, columns);
    else kernel.geglu(gate, up, stride, tokens, columns, table);
  };
}

/** gate = gelu(up · x), a panel of rows at a time. */
function plainStage(context: ForwardContext, up: Matrix, x: Operand, tokens: number): Stage {
  const { kernel, model, run } = context;
  const { hidden } = model.shape;
  const table = model.tables.gelu;
  if (table === undefined) throw new RangeError("There is no table of GELU.");
  const upProduct = product(context, up, x, run.gate, tokens);
  return {
    items: upProduct.items,
    run(panel) {
      upProduct.run(panel);
      const row = panel * PANEL_ROWS;
      const rows = Math.min(PANEL_ROWS, hidden - row);
      kernel.gelu(run.gate + row * 4, hidden * 4, tokens, rows, table);
    },
  };
}

/**
 * Every token goes to the experts that its router scores highest, and gets the sum of their answers, weighted with
 * the router's softmax, scaled so that the weights of the chosen sum to 1 (arXiv 2401.04088, section 2.1).
 */
function* mixtureStages(
  context: ForwardContext,
  layer: number,
  { router, experts }: Mixture,
): Generator<Stage, void, undefined> {
  const { kernel, memory, model, run } = context;
  const { dim, hidden, experts: sizes } = model.shape;
  const buffers = run.experts;
  if (!buffers || !sizes) throw new RangeError("There is no room for experts.");
  const spans = new Int32Array(memory.buffer, buffers.spans, sizes.count * 2);
  const slotTokens = new Int32Array(memory.buffer, buffers.slotTokens, buffers.slots);
  const tokenSlots = new Int32Array(memory.buffer, buffers.tokenSlots, run.tokens * sizes.used);
  const shares = new Float32Array(memory.buffer, buffers.shares, run.tokens * sizes.used);

  // scores = router · normed; each token's best few
  yield product(context, router, run.normedReady, buffers.scores);
  yield { items: 1, run: () => route(context, layer, buffers, sizes) };

  const readySlots = (from: Pointer, operand: Operand, first: number, count: number) => {
    for (let slot = first; slot < first + count; slot += TOKENS_TOGETHER) {
      makeReady(kernel, from, operand, slot, first + count);
    }
  };

  // the normed tokens of each expert, side by side
  yield {
    items: sizes.count,
    run(expert) {
      const [first, count] = [spans[2 * expert]!, spans[2 * expert + 1]!];
      for (let slot = first; slot < first + count; slot++) {
        unpack(
          kernel,
          model.tables,
          "F32",
          run.normed + slotTokens[slot]! * dim * 4,
          buffers.chosen + slot * dim * 4,
          dim,
        );
      }
      readySlots(buffers.chosen, buffers.chosenReady, first, count);
    },
  };

  // each expert's answers
  const ofEach = (
    panels: number,
    stageOf: (weights: Gated, first: number, count: number) => Stage,
  ): Stage => ({
    items: sizes.count * panels,
    run(item) {
      const expert = Math.floor(item / panels);
      const [first, count] = [spans[2 * expert]!, spans[2 * expert + 1]!];
      if (count > 0) stageOf(experts[expert]!, first, count).run(item % panels);
    },
  });
  yield ofEach(Math.ceil(hidden / PANEL_ROWS), (weights, first, count) =>
    gatedStage(context, weights, operandFrom(buffers.chosenReady, first), count, first),
  );
  yield {
    items: sizes.count,
    run: (expert) => readySlots(run.gate, run.gateReady, spans[2 * expert]!, spans[2 * expert + 1]!),
  };
  yield ofEach(Math.ceil(dim / PANEL_ROWS), ({ down }, first, count) =>
    product(context, down, operandFrom(run.gateReady, first), buffers.answers + first * dim * 4, count),
  );

  // projected = Σ share · answer
  yield {
    items: run.tokens,
    run(token) {
      const to = run.projected + token * dim * 4;
      kernel.scale(to, dim, 0);
      for (let choice = token * sizes.used; choice < (token + 1) * sizes.used; choice++) {
        kernel.addScaled(to, buffers.answers + tokenSlots[choice]! * dim * 4, dim, shares[choice]!);
      }
    },
  };
}

/** Gives every token of every expert a slot, and its share; both are kept for those who look into the routing. */
function route(
  { memory, run }: ForwardContext,
  layer: number,
  buffers: ExpertBuffers,
  { count, used }: { count: number; used: number },
): void {
  const stride = roundUp(count, 4);
  const scores = new Float32Array(memory.buffer, buffers.scores, run.tokens * stride);
  const shares = new Float32Array(memory.buffer, buffers.shares, run.tokens * used);
  const first = layer * run.tokens * used;
  const keptExperts = new Int32Array(memory.buffer, buffers.routedTo + first * 4, run.tokens * used);
  const keptShares = new Float32Array(memory.buffer, buffers.routedShares + first * 4, run.tokens * used);
  const tokensOf: { token: number; choice: number }[][] = Array.from({ length: count }, () => []);
  for (let token = 0; token < run.tokens; token++) {
    const own = scores.subarray(token * stride, token * stride + count);
    const best = Array.from(own.keys())
      .sort((a, b) => own[b]! - own[a]!)
      .slice(0, used);
    const largest = own[best[0]!]!;
    let all = 0;
    for (const score of own) all += Math.exp(score - largest);
    const chosen = best.map((expert) => Math.exp(own[expert]! - largest) / all);
    const sum = Math.max(
      LEAST_SUM,
      chosen.reduce((total, share) => total + share, 0),
    );
    for (const [rank, expert] of best.entries()) {
      const choice = token * used + rank;
      shares[choice] = chosen[rank]! / sum;
      keptExperts[choice] = expert;
      keptShares[choice] = shares[choice];
      tokensOf[expert]!.push({ token, choice });
    }
  }
  const spans = new Int32Array(memory.buffer, buffers.spans, count * 2);
  const slotTokens = new Int32Array(memory.buffer, buffers.slotTokens, buffers.slots);
  const tokenSlots = new Int32Array(memory.buffer, buffers.tokenSlots, run.tokens * used);
  let slot = 0;
  for (const [expert, list] of tokensOf.entries()) {
    spans.set([slot, list.length], 2 * expert);
    for (const [index, { token, choice }] of list.entries()) {
      slotTokens[slot + index] = token;
      tokenSlots[choice] = slot + index;
    }
    // An expert's tokens are taken by eights, so they begin at a multiple of eight.
    slot += roundUp(list.length, TOKENS_TOGETHER);
  }
}
