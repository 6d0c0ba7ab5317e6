/** A model in memory with one context: loading, what it is, and exact next-token distributions. */

import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { Spellings } from "../../core/guess/spellings.js";
import { text } from "../../core/lens/gguf/metadata.js";
import { type ModelCard, readModelCard } from "../../core/lens/gguf/modelCard.js";
import { readGgufHeader } from "../../core/lens/gguf/readGguf.js";
import { readVocabulary, requireLineFeed, type Vocabulary } from "../../core/lens/gguf/vocabulary.js";
import type { Candidates } from "../../core/sampling/candidates.js";
import { candidatesOfHead, HEAD_MASS, type HeadNeed, heldBy, massesToAsk } from "../../core/sampling/head.js";
import { logitOffset, PROBE_PENALTY, probesFor } from "../../core/sampling/rawLogits.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { gpuName } from "../../shared/gpuName.js";
import { t } from "../../shared/l10n.js";
import type { ModelInfo, PlacedModelToken } from "../../shared/types.js";
import type { LoadModelParams } from "../../shared/workerProtocol.js";
import { openModelFile } from "../modelFile.js";
import { ChatTemplates } from "./chatTemplates.js";
import { offerFetchedPackages, whyNotStarted } from "./gpuSupport.js";
import {
  logitsOf,
  type NativeContext,
  type NativeSampler,
  SAMPLER_SEED,
  type SamplerConfig,
} from "./nativeSampling.js";
import { type PieceLimits, PieceSize } from "./pieceSize.js";
import { placeTokens } from "./placeTokens.js";

/** The largest context that is allocated unless the settings ask for another, in tokens. */
const DEFAULT_CONTEXT = 4096;
const PROMPT_PIECE: PieceLimits = { smallest: 10, first: 16, largest: 512 };
/** Where every distribution is looked at. */
const READING_PIECE: PieceLimits = { smallest: 10, first: 10, largest: 128 };
/** The same in a process that Stop kills: only its progress must be seen. */
const READING_PIECE_APART: PieceLimits = { smallest: 64, first: 128, largest: 512, ms: 4000 };
/** A rest of so many pieces is read at once: a short one would be dear. */
const LAST_PIECE = 1.25;
/** Tokens between two looks at the signal where every position hands out a whole vocabulary. */
const LOGITS_PIECE_SIZE = 8;

/** What the engine may keep of logits at once. */
const MOST_LOGITS_BYTES = 64 * 1024 * 1024;
/** The engine's own default; there is one sequence, so that it decides nothing. */
const EVALUATION_PRIORITY = 5;

/**
 * What node-llama-cpp's own evaluation is made of. Its public functions draw a token at each position and hand out
 * the whole vocabulary one position after the other, which takes longer than the evaluation. A test holds these names.
 */
export interface NativeSequence {
  _tokenMeter: object;
  _contextShift: object;
  _decodeTokens(
    tokens: readonly Token[],
    logits: readonly boolean[],
    priority: number,
    meter: object,
    contextShift: object,
    look: (place: number) => number,
  ): Promise<number[]>;
}

type SamplerCut = Omit<SamplerConfig, "temperature" | "seed">;

type EngineModule = typeof import("node-llama-cpp");

/** The engine is loaded at the first request for a model: it takes longer than the handshake may. */
async function engineModule(): Promise<EngineModule> {
  return import("node-llama-cpp");
}

const engines = new Map<string, Promise<Llama>>();
/** Why the engine did not load a model: it tells its log, and its error says only that it failed. */
let refusal: string | undefined;

export function engine(gpu: "auto" | false): Promise<Llama> {
  const key = String(gpu);
  let promise = engines.get(key);
  if (!promise) {
    if (gpu !== false) offerFetchedPackages();
    promise = engineModule().then(({ getLlama, LlamaLogLevel }) =>
      getLlama({
        gpu,
        build: "never",
        skipDownload: true,
        progressLogs: false,
        logLevel: LlamaLogLevel.error,
        logger: (_level, message) => {
          refusal ??= /error loading model: (.*)/.exec(message)?.[1];
          console.error(message.trimEnd());
        },
        // Spinning threads beyond the cores make llama.cpp crawl.
        maxThreads: availableParallelism(),
      }),
    );
    engines.set(key, promise);
    promise.catch(() => engines.delete(key));
  }
  return promise;
}

/** The engine with a graphics card; else why there is none in it although its support is here. */
export async function graphicsEngine(): Promise<{ llama?: Llama; fault?: string | undefined }> {
  const llama = await engine("auto");
  if (llama.gpu === false) {
    // The very engine that runs on the processor: no second one is needed for that.
    engines.set(String(false), Promise.resolve(llama));
    return { fault: await whyNotStarted() };
  }
  // Vulkan's loader is there on machines without a card, too.
  if (llama.gpu === "metal" || (await llama.getGpuDeviceNames()).length > 0) return { llama };
  return { fault: t("{0} finds no graphics card.", gpuName(llama.gpu)) };
}

/** Kinds of graphics support that this machine has the drivers for, best first, whether or not the engine has them. */
export async function driverKinds(): Promise<string[]> {
  const { getLlamaGpuTypes } = await engineModule();
  return (await getLlamaGpuTypes("supported")).filter((kind) => kind !== false);
}

/** Tokens of a plain text with their places, BOS first where that is wanted and the model has one. */
export function tokenized(
  model: Pick<LlamaModel, "tokenize" | "tokens">,
  vocabulary: Vocabulary,
  text: string,
  bos: boolean,
): PlacedModelToken[] {
  const placed = placeTokens(
    text,
    model.tokenize(text).map((id) => vocabulary.token(id)),
  );
  const start = bos ? model.tokens.bos : null;
  if (start === null) return placed;
  const place = { start: 0, end: 0, startsInside: false, endsInside: false };
  return [{ ...vocabulary.token(start), ...place }, ...placed];
}

/** See `LoadedModel.vocabularyKey`. */
export function vocabularyKey(vocabulary: Vocabulary): string {
  const hash = createHash("sha256");
  for (let id = 0; id < vocabulary.size; id++) hash.update(`${vocabulary.token(id).name}\0`);
  return hash.digest("hex");
}

/** The file's own name for a model and where it lies; see `displayName`. */
export function infoOf(path: string, card: ModelCard, contextSize: number): ModelInfo {
  return { ...card, path, name: displayName(path, card), contextSize };
}

/** What our own reader finds in the file's header. */
interface ModelHeader {
  card: ModelCard;
  vocabulary: Vocabulary;
  /** The Jinja source of the file's chat template. */
  chatTemplate: string | undefined;
  /** The one that is meant for tools, where there is a second. */
  toolTemplate: string | undefined;
}

/** @throws GlassboxError `file-unreadable`, `file-invalid`. */
export function readHeader(path: string): ModelHeader {
  const file = openModelFile(path);
  try {
    const header = readGgufHeader(file);
    requireLineFeed(header);
    return {
      card: readModelCard(header),
      vocabulary: readVocabulary(header),
      chatTemplate: text(header, "tokenizer.chat_template") || undefined,
      toolTemplate: text(header, "tokenizer.chat_template.tool_use") || undefined,
    };
  } finally {
    file.close();
  }
}

export class LoadedModel {
  readonly info: ModelInfo;
  readonly vocabulary: Vocabulary;
  readonly model: LlamaModel;
  readonly #header: ModelHeader;
  readonly #context: LlamaContext;
  readonly #sequence: LlamaContextSequence;
  readonly #promptPiece = new PieceSize(PROMPT_PIECE);
  readonly #readingPiece: PieceSize;
  /** One for all heads: it keeps room for a whole vocabulary. */
  #sampler: NativeSampler | undefined;
  #chatTemplates: Promise<ChatTemplates> | undefined;
  #spellings: Spellings | undefined;
  #vocabularyKey: string | undefined;

  private constructor(
    { path, apart }: LoadModelParams,
    header: ModelHeader,
    model: LlamaModel,
    context: LlamaContext,
  ) {
    this.#readingPiece = new PieceSize(apart ? READING_PIECE_APART : READING_PIECE);
    this.model = model;
    this.#context = context;
    this.#sequence = context.getSequence();
    this.vocabulary = header.vocabulary;
    this.#header = header;
    this.info = infoOf(path, header.card, context.contextSize);
    const kind = model.llama.gpu;
    if (kind !== false && model.gpuLayers > 0) this.info.gpu = { kind, layers: model.gpuLayers };
  }

  /** Reads the header as `load` does first. @throws GlassboxError where the file cannot be loaded. */
  static check(path: string): void {
    readHeader(path);
  }

  /** Changes with any name of a token: models with the same speak of the same tokens. */
  get vocabularyKey(): string {
    this.#vocabularyKey ??= vocabularyKey(this.vocabulary);
    return this.#vocabularyKey;
  }

  /**
   * Loads a GGUF file: onto the graphics card as far as the settings and the card go, and onto the processor where
   * the card fails; `info` says which, and why.
   * @param onProgress gets fractions from 0 to 1.
   * @throws GlassboxError when the file cannot be read, is not a GGUF, or the engine does not take it.
   */
  static async load(
    params: LoadModelParams,
    signal: AbortSignal,
    onProgress: (fraction: number) => void,
  ): Promise<LoadedModel> {
    // A broken header must never reach llama.cpp, which ends the whole process over it.
    const header = readHeader(params.path);
    const onProcessor = async (gpuFault: string | undefined) => {
      const how = { ...params, gpuLayers: 0 };
      const loaded = await LoadedModel.#loadWith(await engine(false), how, header, signal, onProgress);
      if (gpuFault !== undefined) loaded.info.gpuFault = gpuFault;
      return loaded;
    };
    if (params.gpuLayers === 0) return onProcessor(undefined);
    const card = await graphicsEngine();
    if (!card.llama) return onProcessor(card.fault);
    let loaded: LoadedModel | undefined;
    try {
      loaded = await LoadedModel.#loadWith(card.llama, params, header, signal, onProgress);
      await loaded.#tryOut(signal);
      return loaded;
    } catch (error) {
      await loaded?.dispose();
      throwIfCancelled(signal);
      return onProcessor(error instanceof Error ? error.message : String(error));
    }
  }

  /** One token on the graphics card: drivers that compute nonsense do so from the first. */
  async #tryOut(signal: AbortSignal): Promise<void> {
    if (this.info.gpu === undefined) return;
    const logits = await this.logitsAfter([this.model.tokens.bos ?? 0], signal);
    if (logits.some(Number.isNaN) || !logits.some(Number.isFinite)) {
      throw new GlassboxError("failed", t("The graphics card computes no numbers for this model."));
    }
  }

  /** Loads the file with one engine. @param header of the file, which is sound. */
  static async #loadWith(
    llama: Llama,
    params: LoadModelParams,
    header: ModelHeader,
    signal: AbortSignal,
    onProgress: (fraction: number) => void,
  ): Promise<LoadedModel> {
    const name = basename(params.path);
    const cores = availableParallelism();
    const threads = Math.max(1, Math.min(params.threads > 0 ? params.threads : llama.cpuMathCores, cores));
    llama.maxThreads = threads;
    throwIfCancelled(signal);

    refusal = undefined;
    let model: LlamaModel | undefined;
    let reported = Number.NEGATIVE_INFINITY;
    try {
      model = await llama.loadModel({
        modelPath: params.path,
        gpuLayers: params.gpuLayers,
        onLoadProgress: (fraction) => {
          // The engine reports each tensor, which is more than a progress bar can show.
          if (fraction - reported < 0.01 && fraction < 1) return;
          reported = fraction;
          onProgress(fraction);
        },
        loadSignal: signal,
      });
      const trained = model.trainContextSize;
      const contextSize = Math.min(params.contextSize ?? DEFAULT_CONTEXT, trained);
      const context = await model.createContext({ contextSize, threads, createSignal: signal });
      return new LoadedModel(params, header, model, context);
    } catch (error) {
      await model?.dispose();
      throwIfCancelled(signal);
      if (error instanceof GlassboxError) throw error;
      const { InsufficientMemoryError } = await engineModule();
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof InsufficientMemoryError) {
        throw new GlassboxError(
          "failed",
          t('There is not enough memory for "{0}": {1}', name, reason),
          t("Choose a smaller model, or lower Settings > Glassbox > Model: Context Size."),
          { cause: error },
        );
      }
      throw new GlassboxError(
        "file-invalid",
        t('Cannot load "{0}": {1}', name, refusal ?? reason),
        t("Choose another GGUF file in Settings > Glassbox > Model."),
        { cause: error },
      );
    }
  }

  async dispose(): Promise<void> {
    this.#sampler?.dispose();
    await this.#context.dispose();
    await this.model.dispose();
  }

  /** Undefined for a model that only continues text. */
  async chatTemplates(): Promise<ChatTemplates | undefined> {
    const { chatTemplate, toolTemplate } = this.#header;
    if (chatTemplate === undefined) return undefined;
    this.#chatTemplates ??= ChatTemplates.of(this.model, chatTemplate, toolTemplate);
    return this.#chatTemplates;
  }

  /** The vocabulary by its bytes; put in order when it is first asked for. */
  get spellings(): Spellings {
    this.#spellings ??= new Spellings(this.vocabulary.size, (id) => this.vocabulary.token(id).bytes);
    return this.#spellings;
  }

  /** The most tokens that can be evaluated: the engine keeps one place free for the next. */
  get maxTokens(): number {
    return this.#context.contextSize - 1;
  }

  /** Tokens of a plain text, which never become special ones, with their places. */
  tokenize(text: string, bos: boolean): PlacedModelToken[] {
    return tokenized(this.model, this.vocabulary, text, bos);
  }

  /** How `distributionsFrom` reads: tokens of a piece, and what one took in the last. */
  get readingPiece(): Pick<PieceSize, "tokens" | "tokenMs"> {
    return this.#readingPiece;
  }

  isEndOfTurn(id: number): boolean {
    return this.model.isEogToken(id as Token);
  }

  /**
   * The logits that follow the tokens, over the whole vocabulary: (vocabulary) f32, shifted by one constant so
   * that their exponentials sum to 1. What the context holds already is not evaluated again.
   * @throws GlassboxError `too-long`, `invalid-request` for tokens out of the vocabulary, `cancelled`.
   */
  async logitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array> {
    return this.#logitsAt(await this.#placeAfter(tokenIds, signal));
  }

  /**
   * As `logitsAfter`, not shifted: what the model's last layer gave, within about 1e-5 (see `logitOffset`). The last
   * token is evaluated by itself: with others in one batch the engine rounds differently.
   */
  async ownLogitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array> {
    if (tokenIds.length > 1) await this.#read(tokenIds.slice(0, -1), signal);
    const place = await this.#placeAfter(tokenIds, signal);
    const logits = await this.#logitsAt(place);
    const probes = probesFor(logits);
    const penalised = await this.#logitsAt(place, {
      repeatPenalty: PROBE_PENALTY,
      repeatPenaltyTokens: Uint32Array.of(probes.high, probes.low),
    });
    const offset = logitOffset(logits, penalised, probes);
    return logits.map((logit) => logit + offset);
  }

  /**
   * How many of the tokens at the start the context holds already, so that the logits after all of them are had
   * without evaluating these again.
   * @param own as `ownLogitsAfter`, which evaluates the last two in any case.
   */
  reusedOf(tokenIds: readonly number[], own = false): number {
    return Math.max(0, Math.min(this.#sharedPrefix(tokenIds), tokenIds.length - (own ? 2 : 1)));
  }

  /**
   * The most probable tokens after these, best first, with the model's own probabilities, at a small part of the cost
   * of all logits.
   * @throws GlassboxError as `logitsAfter`.
   */
  async headAfter(tokenIds: readonly number[], signal: AbortSignal, need: HeadNeed): Promise<Candidates> {
    const place = await this.#placeAfter(tokenIds, signal);
    const { vocabularySize } = this.info;
    if (need.mass > 0) {
      const head = await this.#left(place, { topP: HEAD_MASS });
      return candidatesOfHead(head, head, heldBy(head, HEAD_MASS, vocabularySize).held);
    }
    const best = await this.#left(place, { topK: Math.min(need.tokens, vocabularySize) });
    let whole = best;
    let held = 1;
    for (const mass of massesToAsk(best)) {
      whole = await this.#left(place, { topP: mass });
      const known = heldBy(whole, mass, vocabularySize);
      held = known.held;
      if (known.isClose) break;
    }
    return candidatesOfHead(best, whole, held);
  }

  /** What the engine's samplers leave of a distribution that it holds at a place: id and probability in turn. */
  async #left(place: number, cut: SamplerCut): Promise<number[]> {
    this.#sampler ??= this.nativeSampler();
    this.#sampler.applyConfig({ temperature: 1, seed: SAMPLER_SEED, ...cut });
    const [, list] = await this.nativeContext.sampleToken(place, this.#sampler, true, false);
    if (list) return list;
    throw new GlassboxError(
      "unsupported",
      t('"{0}" gives no next-token distribution.', this.info.name),
      t("Choose a model that generates text in Settings > Glassbox > Model."),
    );
  }

  /** The logits of a distribution that the engine holds, with the samplers' penalties where some are wanted. */
  async #logitsAt(place: number, penalties: SamplerCut = {}): Promise<Float32Array> {
    return logitsOf(await this.#left(place, penalties), this.info.vocabularySize);
  }

  /** Evaluates the tokens. @returns where the engine keeps the distribution behind the last. */
  async #placeAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<number> {
    const piece = await this.#allButLastPiece(tokenIds, signal);
    const [place] = await this.#decode(piece, piece.length - 1);
    return place!;
  }

  /** Evaluates tokens without looking at what follows them. */
  async #read(tokenIds: readonly number[], signal: AbortSignal): Promise<void> {
    await this.#sequence.controlledEvaluate(await this.#allButLastPiece(tokenIds, signal));
  }

  /** Evaluates tokens up to a last piece of at least one, which is answered. */
  async #allButLastPiece(tokenIds: readonly number[], signal: AbortSignal): Promise<Token[]> {
    const tokens = this.#checked(tokenIds);
    // The last token is evaluated in any case: its logits are not kept.
    await this.#forgetFrom(Math.min(this.#sharedPrefix(tokens), tokens.length - 1));
    let start = this.#sequence.nextTokenIndex;
    while (true) {
      throwIfCancelled(signal);
      const size = this.#promptPiece.tokens;
      if (tokens.length - start <= LAST_PIECE * size) return tokens.slice(start);
      const end = start + size;
      const startedAt = performance.now();
      await this.#sequence.controlledEvaluate(tokens.slice(start, end));
      this.#promptPiece.took(size, performance.now() - startedAt);
      start = end;
    }
  }

  /** The logits at every position, handed out as they are computed: (vocabulary) f32 each. */
  async logitsAtEachPosition(
    tokenIds: readonly number[],
    signal: AbortSignal,
    onLogits: (position: number, logits: Float32Array) => void,
  ): Promise<void> {
    const tokens = this.#checked(tokenIds);
    await this.#forgetFrom(0);
    for (let start = 0; start < tokens.length; start += LOGITS_PIECE_SIZE) {
      throwIfCancelled(signal);
      const places = await this.#decode(tokens.slice(start, start + LOGITS_PIECE_SIZE), 0);
      for (const [at, place] of places.entries()) onLogits(start + at, await this.#logitsAt(place));
    }
  }

  /**
   * Evaluates tokens piece by piece and has the distributions behind those from `from` on looked at, which the engine
   * holds until it reads the next piece.
   * @param look gets the index of the first token of a piece that has one, and where the engine keeps each.
   * @throws GlassboxError as `logitsAfter`.
   */
  async distributionsFrom(
    tokenIds: readonly number[],
    from: number,
    signal: AbortSignal,
    look: (first: number, places: readonly number[]) => Promise<void>,
  ): Promise<void> {
    const tokens = this.#checked(tokenIds);
    await this.#forgetFrom(Math.min(this.#sharedPrefix(tokens), from));
    // A whole vocabulary is kept for each token of a piece, and a piece must be one batch of the engine's.
    const most = Math.min(
      this.#context.batchSize,
      Math.max(1, Math.floor(MOST_LOGITS_BYTES / (4 * this.info.vocabularySize))),
    );
    for (let start = this.#sequence.nextTokenIndex; start < tokens.length; ) {
      throwIfCancelled(signal);
      const end = Math.min(tokens.length, start + Math.min(most, this.#readingPiece.tokens));
      const startedAt = performance.now();
      const places = await this.#decode(tokens.slice(start, end), Math.max(0, from - start));
      this.#readingPiece.took(end - start, performance.now() - startedAt);
      const first = Math.max(start, from);
      if (first < end) await look(first, places);
      start = end;
    }
  }

  /** Milliseconds in which the tokens are evaluated when nothing is known of them, without any distribution. */
  async readingMs(tokenIds: readonly number[], signal: AbortSignal): Promise<number> {
    await this.#forgetFrom(0);
    const startedAt = performance.now();
    await this.#read(tokenIds, signal);
    return performance.now() - startedAt;
  }

  /** A sampler of the engine's own, which can be asked for any distribution that is held; see `distributionsFrom`. */
  nativeSampler(): NativeSampler {
    const { _bindings } = this.model.llama as unknown as {
      _bindings: { AddonSampler: new (model: unknown) => NativeSampler };
    };
    return new _bindings.AddonSampler((this.model as unknown as { _model: unknown })._model);
  }

  /** Where samplers are put to a distribution. */
  get nativeContext(): NativeContext {
    return (this.#context as unknown as { _ctx: NativeContext })._ctx;
  }

  /** Evaluates tokens that follow what the context holds. @returns where the engine keeps the distributions from one on. */
  async #decode(tokens: readonly Token[], from: number): Promise<number[]> {
    const sequence = this.#sequence as unknown as NativeSequence;
    const places = await sequence._decodeTokens(
      tokens,
      Array.from(tokens, (_, index) => index >= from),
      EVALUATION_PRIORITY,
      sequence._tokenMeter,
      sequence._contextShift,
      (place) => place,
    );
    return places.slice(from);
  }

  #checked(tokenIds: readonly number[]): Token[] {
    if (tokenIds.length === 0) throw new GlassboxError("invalid-request", "There are no tokens to evaluate.");
    // Refuses ids outside the vocabulary, over which the engine would end the process.
    const { vocabularySize } = this.info;
    for (const id of tokenIds)
      if (!Number.isInteger(id) || id < 0 || id >= vocabularySize) this.vocabulary.token(id);
    if (tokenIds.length > this.maxTokens) {
      throw new GlassboxError(
        "too-long",
        t("The text has {0} tokens; the model's context holds {1}.", tokenIds.length, this.maxTokens),
        t(
          "Select less text, or raise Settings > Glassbox > Model: Context Size where the model allows more.",
        ),
      );
    }
    return tokenIds as Token[];
  }

  /** How many tokens at the start are the ones that the context holds already. */
  #sharedPrefix(tokens: readonly number[]): number {
    const held = this.#sequence.contextTokens;
    let shared = 0;
    while (shared < held.length && shared < tokens.length && held[shared] === tokens[shared]) shared++;
    return shared;
  }

  async #forgetFrom(position: number): Promise<void> {
    const end = this.#sequence.nextTokenIndex;
    if (position < end) await this.#sequence.eraseContextTokenRanges([{ start: position, end }]);
  }
}

/**
 * The file's own name for the model, unless it shares no word with the file's name: converters sometimes leave
 * there what a folder happened to be called. The quantisation is shown beside the name, not in it.
 */
function displayName(path: string, { name, quantisation }: ModelCard): string {
  const fileName = basename(path).replace(/\.gguf$/i, "");
  const words = name.toLowerCase().match(/[a-z]{3,}/g) ?? [];
  if (words.some((word) => fileName.toLowerCase().includes(word))) return name;
  const suffix = quantisation.toLowerCase();
  const plain = fileName.toLowerCase().endsWith(suffix) ? fileName.slice(0, -suffix.length) : fileName;
  return plain.replace(/[-_.]+$/, "") || fileName;
}
