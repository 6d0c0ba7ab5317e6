/**
 * Long readings of surprisal on the processor. The engine cannot be interrupted in the middle of a piece, and small
 * pieces cost twice as much by the token: so the model process begins a reading in small ones and hands it over to a
 * process of its own, which reads in large ones and is killed by Stop. It maps the same file of weights into memory.
 */

import { freemem } from "node:os";
import { GlassboxError } from "../../shared/errors.js";
import type { LoadModelParams, ModelProtocol, TokenReadings } from "../../shared/workerProtocol.js";
import { WorkerClient } from "../client.js";
import type { LoadedModel } from "./loadedModel.js";
import { type DistributionSource, readSurprisal } from "./surprisal.js";

type Params = ModelProtocol["surprisal"]["params"];

/** What must be gained by a hand-over, in milliseconds: the other process takes about one to load a model. */
const GAIN_MS = 2000;
/** In large pieces a token takes at most about this part of its time in small ones. */
const LARGE_PIECES = 0.5;
/** Tokens of a piece that is large enough by itself. */
const LARGE = 128;
/** The context of the process, in tokens, unless a reading needs more: it takes memory besides that of the model. */
const CONTEXT = 4096;
/** The process ends when it was not asked for so long. */
const IDLE_MS = 120_000;
/** What must be free besides the size of the file, which the engine copies where it packs weights otherwise. */
const ROOM_BYTES = 1024 ** 3;
/** After so many failures in a row it is not tried again with this model. */
const MOST_FAILURES = 2;

/** A model of this process, with how it was loaded. */
export interface ReadModel {
  loaded: DistributionSource & Pick<LoadedModel, "model" | "readingPiece" | "reusedOf">;
  params: LoadModelParams;
  /** Whether its file is still the one that was loaded. */
  unchanged(): Promise<boolean>;
}

export interface ReadingProcessOptions {
  /** The script of the model process. */
  script: string;
  /** See `GAIN_MS`. */
  gainMs?: number;
}

export class ReadingProcess {
  readonly #client: WorkerClient<ModelProtocol>;
  readonly #gainMs: number;
  /** What its context holds; undefined while it is not there, loads or reads. */
  #held: readonly number[] | undefined;
  /** As many tokens go into its context. */
  #contextSize = 0;
  #loading: Promise<void> | undefined;
  #failures = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor({ script, gainMs = GAIN_MS }: ReadingProcessOptions) {
    this.#client = new WorkerClient({
      name: "reading",
      script,
      log: (line) => console.error(line),
      onCrash: () => {
        this.#held = undefined;
      },
    });
    this.#gainMs = gainMs;
  }

  get pid(): number | undefined {
    return this.#client.pid;
  }

  /** Whether it is loaded and waits for a reading. */
  get isReady(): boolean {
    return this.#held !== undefined;
  }

  /**
   * As `readSurprisal`. The first piece is read here unless much stands before it, and all where nothing is gained by
   * the other process or that fails.
   */
  async read(
    model: ReadModel,
    params: Params,
    signal: AbortSignal,
    emit: (readings: TokenReadings) => void,
  ): Promise<void> {
    const { loaded } = model;
    clearTimeout(this.#idle);
    const rest = { ...params };
    const onReadings = (readings: TokenReadings) => {
      emit(readings);
      rest.from = readings.first + readings.bits.length;
    };
    try {
      if (await this.#readUntilReady(model, rest, signal, onReadings)) return;
      // It may have died since; one that a call would begin has no model.
      if (this.isReady) {
        this.#held = undefined;
        try {
          await this.#client.call("surprisal", rest, { signal, onEvent: onReadings });
          this.#held = params.tokenIds;
          this.#failures = 0;
          return;
        } catch (error) {
          if (signal.aborted) throw error;
          this.#failed(error);
        }
      }
      await readSurprisal(loaded, rest, signal, emit);
    } finally {
      // What cannot be interrupted is killed.
      if (!this.isReady) this.stop();
      else this.#idle = setTimeout(() => this.stop(), IDLE_MS);
    }
  }

  /** Ends the process; the next long reading starts it again. */
  stop(): void {
    clearTimeout(this.#idle);
    this.#held = undefined;
    this.#loading = undefined;
    this.#client.stop();
  }

  /** Another model is to be read. */
  forget(): void {
    this.stop();
    this.#failures = 0;
  }

  /** @param rest where the reading stands. @returns whether all has been read here. */
  async #readUntilReady(
    model: ReadModel,
    rest: Params,
    signal: AbortSignal,
    onReadings: (readings: TokenReadings) => void,
  ): Promise<boolean> {
    const { loaded } = model;
    const { from, tokenIds } = rest;
    if (tokenIds.length > this.#contextSize) this.stop();
    const handOver = new AbortController();
    if (this.#gains(loaded, rest)) {
      const before = from - 1 - loaded.reusedOf(tokenIds);
      void this.#start(model, tokenIds.length).then(() => {
        const waits = rest.from === from && before > loaded.readingPiece.tokens;
        if (waits && this.isReady) handOver.abort();
      });
    }
    try {
      await readSurprisal(loaded, { ...rest }, AbortSignal.any([signal, handOver.signal]), (readings) => {
        onReadings(readings);
        if (rest.from >= tokenIds.length || !this.#gains(loaded, rest)) return;
        if (this.isReady) handOver.abort();
        else void this.#start(model, tokenIds.length);
      });
      return true;
    } catch (error) {
      if (signal.aborted || !handOver.signal.aborted) throw error;
      return false;
    }
  }

  #gains(loaded: ReadModel["loaded"], { tokenIds, from }: Params): boolean {
    const { tokens, tokenMs } = loaded.readingPiece;
    // Weights on a graphics card would be there twice, and pieces are quick there.
    if (tokenMs === undefined || loaded.model.gpuLayers > 0 || this.#failures >= MOST_FAILURES) return false;
    if (tokens >= LARGE || freemem() < loaded.info.fileBytes + ROOM_BYTES) return false;
    const here = tokenIds.length - Math.min(from - 1, loaded.reusedOf(tokenIds));
    const there = tokenIds.length - Math.min(from - 1, samePrefix(this.#held ?? [], tokenIds));
    return (here - LARGE_PIECES * there) * tokenMs > this.#gainMs;
  }

  /** Never rejects: `#held` tells whether it is ready. */
  async #start(model: ReadModel, tokens: number): Promise<void> {
    if (this.isReady) return;
    this.#loading ??= this.#load(model, tokens);
    const loading = this.#loading;
    await loading;
    // After a stop another may load by now.
    if (this.#loading === loading) this.#loading = undefined;
  }

  async #load({ loaded, params, unchanged }: ReadModel, tokens: number): Promise<void> {
    try {
      if (!(await unchanged())) return;
      const contextSize = Math.min(loaded.info.contextSize, Math.max(CONTEXT, tokens + 1));
      await this.#client.call("load", { ...params, contextSize, gpuLayers: 0, apart: true });
      this.#contextSize = contextSize;
      this.#held = [];
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Nothing is lost but time: this process reads on. */
  #failed(error: unknown): void {
    const { code, message } = GlassboxError.from(error);
    if (code === "closed") return;
    this.#failures++;
    console.error(`Reading on without a process for it: ${message}`);
  }
}

function samePrefix(held: readonly number[], tokens: readonly number[]): number {
  let same = 0;
  while (same < held.length && same < tokens.length && held[same] === tokens[same]) same++;
  return same;
}
