/**
 * What the model process, the protocol and the panel cost on top of the engine: the same model, prompt and sampling
 * settings through Glassbox and through node-llama-cpp alone, turn about in one run. And how soon the first token is
 * seen, and how soon Stop frees the engine.
 */

import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { isMainThread, MessageChannel, type MessagePort, Worker, workerData } from "node:worker_threads";
import type { Token } from "node-llama-cpp";
import type { BenchResult } from "../../scripts/bench.js";
import { chatModelPath } from "../../scripts/models.js";
import { afterEvent, initialState } from "../../src/core/explain/explanationState.js";
import { EXPLAIN_SAMPLING } from "../../src/core/explain/prompts.js";
import { isCancelled } from "../../src/shared/errors.js";
import { EventBatch } from "../../src/shared/eventBatch.js";
import { inOneBuffer } from "../../src/shared/oneBuffer.js";
import type { EventPage } from "../../src/shared/panels/eventPage.js";
import type { ExplainEvent, ExplainState } from "../../src/shared/panels/explain.js";
import { type Caller, type Channel, connect, type Method } from "../../src/shared/rpc.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";

/**
 * Tokens in one turn, and how many turns each side has. What else the machine does changes within a second: turns
 * that are shorter than that let both sides meet the same load, and many of them let their ratios' median stand still.
 */
const TOKENS = 10;
const TURNS = 80;
/** After so many turns the answer begins anew with its prompt. */
const TURNS_OF_ONE_ANSWER = 10;
const CONTEXT = 2048;
const QUESTION =
  "Explain in detail, in several paragraphs, how a for loop works in JavaScript, with an example.";
const modelPath = chatModelPath();
const threads = Math.min(2, availableParallelism());

const quantile = (values: number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN;
const median = (values: number[]) => quantile(values, 0.5);
const milliseconds = (values: number[]) => values.map((ms) => ms.toFixed(0)).join(" ");
/** Milliseconds on a clock that all threads and processes of this machine share. */
const clock = () => performance.timeOrigin + performance.now();

type ExplainPage = EventPage<ExplainState, ExplainEvent>;

/** What the page of this bench tells of itself: when it had been told of the first tokens, of how many, and of the last. */
interface PageReport {
  report: Method<{ tokens: number }, { firstAt: number; firstTokens: number; lastAt: number }>;
}

function portChannel(port: MessagePort): Channel {
  return {
    // As a webview's messages: through one buffer, then copied.
    post: (message) => port.postMessage(inOneBuffer(message)),
    onMessage: (listener) => void port.on("message", listener),
    onClose: () => {},
  };
}

/** The page's side in a thread of its own: it keeps the same state as the real one, by the same function. */
function servePage(port: MessagePort): void {
  let state: ExplainState | undefined;
  let firstAt = 0;
  let firstTokens = 0;
  let lastAt = 0;
  const written = () => state?.answers[0]?.tokens.length ?? 0;
  let told: (() => void) | undefined;
  connect<Record<never, never>, ExplainPage & PageReport>(portChannel(port), {
    opened: (opened) => {
      state = opened;
      firstAt = 0;
      return null;
    },
    happened: ({ events }) => {
      for (const event of events) if (state) state = afterEvent(state, event);
      lastAt = clock();
      if (firstAt === 0 && written() > 0) {
        firstAt = lastAt;
        firstTokens = written();
      }
      told?.();
      return null;
    },
    report: async ({ tokens }) => {
      while (written() < tokens) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
      return { firstAt, firstTokens, lastAt };
    },
  });
}

if (!isMainThread) servePage((workerData as { port: MessagePort }).port);

interface Stream {
  ids: number[];
  /** Tokens a second from the first to the last as the receiver sees them. */
  perSecond: number;
  /** From the engine's first token until the page was told, at most: both ways through the protocol are in it. */
  firstTokenLagMs: number;
  promptMs: number;
}

function emptyState(): ExplainState {
  return initialState(
    { fileName: "a.js", languageId: "javascript", firstLine: 0, lastLine: 0, text: "", notes: [] },
    {
      trusted: false,
      limits: { timeMs: 1, memoryBytes: 1 },
      sampling: EXPLAIN_SAMPLING,
      seed: 1,
      price: undefined,
    },
  );
}

/** One answer through process, protocol and panel, as an explanation asks for it. */
async function throughGlassbox(
  worker: WorkerClient<ModelProtocol>,
  page: Caller<ExplainPage & PageReport>,
  tokenIds: number[],
  seed: number,
): Promise<Stream> {
  let state = emptyState();
  await page.call("opened", state);
  const sent: Promise<unknown>[] = [];
  const batch = new EventBatch<ExplainEvent>((events) => sent.push(page.call("happened", { events })));
  const emit = (event: ExplainEvent) => {
    state = afterEvent(state, event);
    batch.post(event);
  };
  const used = tokenIds.length;
  emit({
    kind: "asked",
    target: 0,
    call: 1,
    promptTokens: used,
    sentLines: undefined,
    told: [],
    context: { size: used, limit: used, used, reserved: 0, parts: [], dropped: [] },
  });
  const startedAt = clock();
  let lastAt = startedAt;
  const result = await worker.call(
    "generate",
    { tokenIds, maxTokens: TOKENS, sampling: EXPLAIN_SAMPLING, seed, alternatives: 5 },
    {
      onEvent: (token) => {
        const now = clock();
        emit({ kind: "token", target: 0, token, ms: now - lastAt });
        lastAt = now;
      },
    },
  );
  emit({ kind: "answered", target: 0, end: result.stop, checks: [] });
  assert.equal(result.tokenCount, TOKENS, "the answer is shorter than what is measured");
  const seen = await page.call("report", { tokens: TOKENS });
  await Promise.all(sent);
  return {
    ids: state.answers[0]!.tokens.map(({ token }) => token.id),
    perSecond: (1000 * (TOKENS - seen.firstTokens)) / (seen.lastAt - seen.firstAt),
    firstTokenLagMs: seen.firstAt - (startedAt + result.promptMs),
    promptMs: result.promptMs,
  };
}

/** The same by node-llama-cpp alone, as its documentation shows it: the next tokens of an answer under way. */
async function raw(answer: AsyncGenerator<Token>): Promise<Stream> {
  const startedAt = clock();
  let firstAt = 0;
  const ids: number[] = [];
  while (ids.length < TOKENS) {
    const { value, done } = await answer.next();
    assert.ok(!done, "the answer is shorter than what is measured");
    if (ids.push(value) === 1) firstAt = clock();
  }
  return {
    ids,
    perSecond: (1000 * (TOKENS - 1)) / (clock() - firstAt),
    firstTokenLagMs: 0,
    promptMs: firstAt - startedAt,
  };
}

/** Milliseconds from Stop until the engine works on the next request: its answer less what it takes of a free engine. */
async function stopMs(worker: WorkerClient<ModelProtocol>, tokenIds: number[], afterMs: number) {
  const params = { tokenIds, maxTokens: 500, sampling: EXPLAIN_SAMPLING, seed: 1, price: undefined };
  const abort = new AbortController();
  const stopped = worker.call("generate", params, { signal: abort.signal }).then(
    () => assert.fail("it ended before it was stopped"),
    (error: unknown) => assert.ok(isCancelled(error), String(error)),
  );
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const stoppedAt = clock();
  abort.abort();
  await stopped;
  await worker.call("next", { tokenIds: tokenIds.slice(0, 1) });
  const answeredAt = clock();
  await worker.call("next", { tokenIds: tokenIds.slice(1, 2) });
  return answeredAt - stoppedAt - (clock() - answeredAt);
}

export async function run(): Promise<BenchResult> {
  const { getLlama } = await import("node-llama-cpp");
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, progressLogs: false });
  const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
  const context = await model.createContext({ contextSize: CONTEXT, threads });
  const sequence = context.getSequence();

  const worker = builtWorkers.model({ log: (line) => console.error(line) });
  const { port1, port2 } = new MessageChannel();
  const pageThread = new Worker(new URL(import.meta.url), {
    workerData: { port: port2 },
    transferList: [port2],
  });
  const page = connect<ExplainPage & PageReport, Record<never, never>>(portChannel(port1), {});
  try {
    await worker.call("load", { path: modelPath, contextSize: CONTEXT, gpuLayers: 0, threads });
    const prompt = await worker.call("renderChat", { messages: [{ role: "user", content: QUESTION }] });
    const tokenIds = prompt.tokens.map(({ id }) => id);

    const ours: Stream[] = [];
    const theirs: Stream[] = [];
    const prompts: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    let written: number[] = [];
    let answer = sequence.evaluate([]);
    for (let turn = 0; turn < TURNS; turn++) {
      const begins = turn % TURNS_OF_ONE_ANSWER === 0;
      if (begins) {
        // So that neither has read the prompt before.
        await worker.call("next", { tokenIds: tokenIds.slice(-1) });
        written = [...tokenIds];
        await answer.return();
        await sequence.clearHistory();
        answer = sequence.evaluate(tokenIds as Token[], { ...EXPLAIN_SAMPLING, seed: turn });
      }
      for (const mine of turn % 2 === 0 ? [true, false] : [false, true]) {
        const stream = mine ? await throughGlassbox(worker, page, written, turn) : await raw(answer);
        (mine ? ours : theirs).push(stream);
        if (begins) prompts[mine ? "ours" : "theirs"].push(stream.promptMs);
        if (mine) written.push(...stream.ids);
      }
    }

    // A prompt that takes several seconds to read, stopped in the middle of it.
    const long = Array.from({ length: 1500 }, (_, index) => tokenIds[index % tokenIds.length]!);
    const stops = { writing: [] as number[], reading: [] as number[] };
    for (let round = 0; round < 3; round++) {
      stops.writing.push(await stopMs(worker, tokenIds, 500 + 100 * round));
      stops.reading.push(await stopMs(worker, [...long.slice(round), round + 5], 700 + 130 * round));
    }

    const speed = (streams: Stream[]) => median(streams.map(({ perSecond }) => perSecond));
    const ratios = ours.map(({ perSecond }, turn) => perSecond / theirs[turn]!.perSecond);
    const lags = ours.map(({ firstTokenLagMs }) => firstTokenLagMs);
    const promptRatio = median(prompts.theirs.map((ms, answered) => ms / prompts.ours[answered]!));
    const figures = {
      generation_vs_raw: median(ratios),
      first_token_lag_ms: Math.max(...lags),
      stop_ms: Math.max(...stops.writing, ...stops.reading),
      generation_tokens_per_s: speed(ours),
      raw_tokens_per_s: speed(theirs),
      prompt_vs_raw: promptRatio,
    };
    return {
      figures,
      table: [
        {
          name: "generation_vs_raw",
          value: figures.generation_vs_raw.toFixed(3),
          note: `   median of ${TURNS} pairs of ${TOKENS} tokens each; half of them lie from ${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)}`,
        },
        {
          name: "first_token_lag_ms",
          value: figures.first_token_lag_ms.toFixed(1),
          note: "ms engine to page, the worst of all rounds",
        },
        {
          name: "stop_ms",
          value: figures.stop_ms.toFixed(0),
          note: `ms the worst of six, engine free again; writing ${milliseconds(stops.writing)}, reading ${milliseconds(stops.reading)}`,
        },
        {
          name: "generation_tokens_per_s",
          value: figures.generation_tokens_per_s.toFixed(1),
          note: `   TinyLlama 1.1B, ${threads} threads, five alternatives with each token`,
        },
        {
          name: "raw_tokens_per_s",
          value: figures.raw_tokens_per_s.toFixed(1),
          note: "   node-llama-cpp, sequence.evaluate, no probabilities",
        },
        {
          name: "prompt_vs_raw",
          value: figures.prompt_vs_raw.toFixed(2),
          note: `   reading ${tokenIds.length} prompt tokens`,
        },
      ],
    };
  } finally {
    worker.dispose();
    await pageThread.terminate();
    port1.close();
    await llama.dispose();
  }
}
