/** Runs the models of the conformance matrix through both engines and measures how far they are apart. */

import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import type { Llama } from "node-llama-cpp";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import type { SupportedType } from "../../../src/core/lens/kernel/kernel.js";
import { LensModel, type RunnerParts } from "../../../src/core/lens/lensModel.js";
import { SlicedRunner } from "../../../src/core/lens/runner.js";
import type { PlacedModel } from "../../../src/core/lens/weights.js";
import type { EngineAgreement } from "../../../src/shared/types.js";
import { kernelModule } from "../../core/lens/kernelBytes.js";
import { seededRandom } from "../../core/lens/randomModel.js";
import { buildCase, type ConformanceCase, TYPE_CASE } from "./cases.js";
import { agreementWith, engineAnswers, openEngine, withEngine } from "./engine.js";

/** The largest probability difference at which both engines compute the same, but for rounding. */
export const SAME = 1e-5;
/** The smallest at which a missing feature shows. */
export const NOTICED = 1e-3;

const TOKENS = 64;
const CONTEXT = 256;
const VOCABULARY = 320;

/** The largest difference that the rounding of the lens's quicker arithmetic explains. */
export const ROUNDED = 0.05;

/**
 * What the quicker arithmetic must stay below on a kind of models. A mixture of experts has no bar: where two experts
 * are nearly as good for a token, rounding sends it to the other.
 */
export function barInIntegers({ sizes }: ConformanceCase): number {
  return (sizes.experts ?? 0) > 0 ? Number.POSITIVE_INFINITY : ROUNDED;
}

export interface CaseResult {
  agreement: EngineAgreement;
  /** The lens in integers. */
  integers: EngineAgreement;
  /** By feature: the largest probability difference without it. */
  without: Map<string, number>;
}

export class Conformance {
  readonly llama: Llama;
  readonly #folder = mkdtempSync(join(tmpdir(), "glassbox-conformance-"));

  private constructor(llama: Llama) {
    this.llama = llama;
  }

  static async open(): Promise<Conformance> {
    return new Conformance(await openEngine());
  }

  async dispose(): Promise<void> {
    await this.llama.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** F32 weights: both engines on the same file; then the lens again in integers, and without each feature. */
  async runCase(conformanceCase: ConformanceCase, seed: number): Promise<CaseResult> {
    const { file } = buildCase(conformanceCase, "F32", seed);
    const ids = someTokens(seed);
    const answers = await this.#ask(file, ids, true);
    const settings = { contextSize: CONTEXT };
    const lens = openLens(file);
    const agreement = await agreementWith(lens, ids, answers, settings);
    const integers = await agreementWith(lens, ids, answers, { ...settings, arithmetic: "i16" });
    const without = new Map<string, number>();
    for (const [feature, change] of Object.entries(conformanceCase.without)) {
      const changed = await agreementWith(openLens(file, change), ids, answers, settings);
      without.set(feature, changed.maxProbabilityDifference);
    }
    return { agreement, integers, without };
  }

  /**
   * Weights of one type: the lens reads the blocks, the engine the same weights unpacked to F32 by the second
   * definition of the type, so that only the arithmetic differs; the lens again with integers; and the engine as it
   * really runs on the blocks.
   */
  async runType(
    type: SupportedType,
    seed: number,
  ): Promise<{ exact: EngineAgreement; integers: EngineAgreement; real: EngineAgreement }> {
    const { file, unpackedFile } = buildCase(TYPE_CASE, type, seed);
    const ids = someTokens(seed);
    const lens = openLens(file);
    const unpacked = await this.#ask(unpackedFile, ids, true);
    return {
      exact: await agreementWith(lens, ids, unpacked),
      integers: await agreementWith(lens, ids, unpacked, { arithmetic: "i16" }),
      real: await agreementWith(lens, ids, await this.#ask(file, ids, false)),
    };
  }

  #ask(file: Uint8Array, ids: readonly number[], exact: boolean): Promise<Float32Array[]> {
    const path = join(this.#folder, `${randomInt(2 ** 47)}.gguf`);
    writeFileSync(path, file);
    // These models are so small that two threads would mostly wait for one another.
    const settings = { exact, contextSize: CONTEXT, threads: 1 };
    return withEngine(this.llama, path, settings, (_model, context) =>
      engineAnswers(context, ids, VOCABULARY),
    );
  }
}

/** Opens a file, with its model changed where a change is given. */
function openLens(file: Uint8Array, change?: (model: PlacedModel) => void): LensModel {
  const makeRunner = (parts: RunnerParts) => {
    change?.(parts.model);
    return new SlicedRunner(parts.kernel, parts.memory, parts.model, () => pause());
  };
  return LensModel.open(memorySource("conformance.gguf", file), kernelModule(), makeRunner, () => pause());
}

/** BOS and tokens of which most come several times, so that only their positions tell them apart. */
function someTokens(seed: number): number[] {
  const random = seededRandom(seed + 1000);
  return Array.from({ length: TOKENS }, (_, i) => (i === 0 ? 1 : 259 + Math.floor(random() * 40)));
}
