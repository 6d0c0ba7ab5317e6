/** The real models' part of the conformance matrix: stories15M and TinyLlama on texts of many kinds. */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import type { LlamaModel } from "node-llama-cpp";
import { withScratchFolder } from "../../../scripts/cache.js";
import { engineVersion, type Held } from "../../../scripts/held.js";
import {
  builtInModelPath,
  chatModelPath,
  ensureBuiltInModel,
  ensureChatModel,
  unroundedModelPath,
} from "../../../scripts/models.js";
import { joinAgreements } from "../../../src/core/lens/agreement.js";
import { type LensModel, openOnOneThread } from "../../../src/core/lens/lensModel.js";
import type { Arithmetic } from "../../../src/core/lens/run.js";
import type { EngineAgreement } from "../../../src/shared/types.js";
import { openModelFile } from "../../../src/workers/modelFile.js";
import { kernelModule } from "../../core/lens/kernelBytes.js";
import {
  compareAnswers,
  engineAnswers,
  lensAnswers,
  openEngine,
  withEngine,
} from "../../model/conformance/engine.js";
import { SAME } from "../../model/conformance/matrix.js";
import { LENS_TEXTS } from "../../model/lensTexts.js";
import { unpackModel } from "../../model/unpackModel.js";
import type { Section } from "./section.js";
import { figure, table } from "./table.js";

const TEXTS = 20;
const TOKENS = 64;
const CONTEXT = 256;

/** One engine to hold a lens against. */
interface Against {
  /** What the engine is given, in words. */
  what: string;
  path: string;
  exact: boolean;
}

/** A lens against an engine, on all texts. */
interface Row extends EngineAgreement {
  /** What the lens reads, and how it computes. */
  how: string;
  /** What the engine reads. */
  against: string;
  /** Whether both compute the same in F32, so that there is a bar. */
  exact: boolean;
}

/** @param count how many texts. */
export async function measureStories(say: (line: string) => void, count = TEXTS): Promise<Section> {
  await ensureBuiltInModel();
  const unrounded = unroundedModelPath();
  const builtIn = builtInModelPath();
  return withScratchFolder(tmpdir(), async (folder) => {
    const unpacked = join(folder, "stories15M-unpacked.gguf");
    unpackTo(builtIn, unpacked);
    const rows = [
      ...(await measure(
        "F32",
        unrounded,
        [{ what: "the same file", path: unrounded, exact: true }],
        count,
        say,
      )),
      ...(await measure(
        "Q8_0, the built-in model",
        builtIn,
        [
          { what: "its weights unpacked to F32", path: unpacked, exact: true },
          { what: "the same file, as the engine runs", path: builtIn, exact: false },
        ],
        count,
        say,
      )),
    ];
    return sectionOf("stories15M", rows, count);
  });
}

/** @param count how many texts. */
export async function measureTinyLlama(say: (line: string) => void, count = TEXTS): Promise<Section> {
  await ensureChatModel();
  const path = chatModelPath();
  return withScratchFolder(tmpdir(), async (folder) => {
    const unpacked = join(folder, "tinyllama-unpacked.gguf");
    unpackTo(path, unpacked);
    const rows = await measure(
      "IQ2_XXS with Q2_K, Q4_K and Q5_K",
      path,
      [
        { what: "its weights unpacked to F32", path: unpacked, exact: true },
        { what: "the same file, as the engine runs", path, exact: false },
      ],
      count,
      say,
    );
    return sectionOf("TinyLlama", rows, count);
  });
}

function unpackTo(from: string, to: string): void {
  const file = openModelFile(from);
  try {
    unpackModel(file, to);
  } finally {
    file.close();
  }
}

async function measure(
  name: string,
  path: string,
  engines: readonly Against[],
  count: number,
  say: (line: string) => void,
): Promise<Row[]> {
  const lens = openLens(path);
  const { vocabulary } = lens.shape;
  const texts: number[][] = [];
  // One engine after the other: a model of a billion weights in F32 takes four gigabytes.
  const answersOf = new Map<Against, Float32Array[][]>();
  const llama = await openEngine();
  for (const against of engines) {
    const answers: Float32Array[][] = [];
    const settings = { exact: against.exact, contextSize: CONTEXT };
    await withEngine(llama, against.path, settings, async (model, context) => {
      for (const [index, { text }] of LENS_TEXTS.slice(0, count).entries()) {
        texts[index] ??= tokensOf(model, text);
        answers.push(await engineAnswers(context, texts[index]!, vocabulary));
      }
    });
    answersOf.set(against, answers);
    say(`${name}: asked ${against.what}`);
  }
  await llama.dispose();

  const sums = new Map<string, EngineAgreement>();
  const key = (against: Against, arithmetic: Arithmetic) => JSON.stringify([against.what, arithmetic]);
  for (const [index, ids] of texts.entries()) {
    for (const arithmetic of ["f32", "i16"] as const) {
      const own = await lensAnswers(lens, ids, { arithmetic });
      for (const against of engines) {
        const here = compareAnswers(own, answersOf.get(against)![index]!);
        if (against.exact && arithmetic === "f32" && !(here.maxProbabilityDifference < SAME)) {
          const text = LENS_TEXTS[index]?.name;
          throw new Error(`${name}, ${text}: probabilities differ by ${here.maxProbabilityDifference}`);
        }
        const sum = sums.get(key(against, arithmetic));
        sums.set(key(against, arithmetic), sum ? joinAgreements(sum, here) : here);
      }
    }
  }
  lens.dispose();
  const combinations = engines.flatMap((against) =>
    (["f32", "i16"] as const).map((arithmetic) => ({ against, arithmetic })),
  );
  return combinations.map(({ against, arithmetic }) => {
    const all = sums.get(key(against, arithmetic));
    if (!all) throw new Error("There are no texts.");
    const how = arithmetic === "f32" ? name : `${name}; in integers`;
    say(`${how} against ${against.what}: ${figure(all.maxProbabilityDifference)}`);
    const exact = against.exact && arithmetic === "f32";
    return { how, against: against.what, exact, ...all };
  });
}

function openLens(path: string): LensModel {
  const file = openModelFile(path);
  try {
    return openOnOneThread(file, kernelModule(), () => pause());
  } finally {
    file.close();
  }
}

function tokensOf(model: LlamaModel, text: string): number[] {
  const { bos } = model.tokens;
  if (bos === null) throw new Error("The model names no BOS.");
  return [bos, ...model.tokenize(text)].slice(0, TOKENS);
}

function sectionOf(model: string, rows: readonly Row[], count: number): Section {
  const held = rows.map(
    ({ how, against, exact, positions, maxProbabilityDifference }): Held => ({
      what: `probabilities of every next token: ${model}, ${how}`,
      against: `${engineVersion()}, which reads ${against}`,
      cases: positions,
      of: "positions",
      found: {
        kind: "difference",
        largest: maxProbabilityDifference,
        unit: "probability",
        below: exact ? SAME : undefined,
      },
    }),
  );
  const markdown = `${count} texts of up to ${TOKENS} tokens: prose, code in many languages, scripts, emoji. Where the engine gets the weights in F32 and the lens computes in F32 the difference must be below ${figure(SAME)}. The quicker arithmetic of the lens rounds what it multiplies, and so does the engine as it runs for everybody; there is no bar for these.

${table(
  [
    { title: "The lens reads" },
    { title: "llama.cpp reads" },
    { title: "Positions", figures: true },
    { title: "Difference", figures: true },
    { title: "Same best token", figures: true },
  ],
  rows.map(({ how, against, positions, maxProbabilityDifference, top1Agreements }) => [
    how,
    against,
    positions.toLocaleString("en"),
    figure(maxProbabilityDifference),
    `${((100 * top1Agreements) / positions).toFixed(1)} %`,
  ]),
)}`;
  return { markdown, held };
}
