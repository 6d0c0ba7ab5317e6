/** The tensor types' part of the conformance matrix: every value bit by bit, and whole models of one type. */

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withScratchFolder } from "../../../scripts/cache.js";
import { ensureDebianPackages } from "../../../scripts/debian.js";
import { engineVersion } from "../../../scripts/held.js";
import { must } from "../../../scripts/process.js";
import { SUPPORTED_TYPES, type SupportedType } from "../../../src/core/lens/kernel/kernel.js";
import { seededRandom } from "../../core/lens/randomModel.js";
import { FORMATS, referenceUnpack } from "../../core/lens/referenceUnpack.js";
import { unpacked } from "../../core/lens/unpacked.js";
import { Conformance, SAME } from "../../model/conformance/matrix.js";
import type { Section } from "./section.js";
import { figure, table } from "./table.js";

const MODELS_EACH = 4;
const WEIGHTS = 2 ** 20;

/** ggml's own functions; F32 needs none. */
const GGML: Record<Exclude<SupportedType, "F32">, string> = {
  F16: "ggml_fp16_to_fp32_row",
  BF16: "ggml_bf16_to_fp32_row",
  Q4_0: "dequantize_row_q4_0",
  Q4_1: "dequantize_row_q4_1",
  Q5_0: "dequantize_row_q5_0",
  Q5_1: "dequantize_row_q5_1",
  Q8_0: "dequantize_row_q8_0",
  Q2_K: "dequantize_row_q2_K",
  Q3_K: "dequantize_row_q3_K",
  Q4_K: "dequantize_row_q4_K",
  Q5_K: "dequantize_row_q5_K",
  Q6_K: "dequantize_row_q6_K",
  IQ2_XXS: "dequantize_row_iq2_xxs",
  IQ2_XS: "dequantize_row_iq2_xs",
  IQ3_XXS: "dequantize_row_iq3_xxs",
  IQ4_NL: "dequantize_row_iq4_nl",
  IQ4_XS: "dequantize_row_iq4_xs",
};

/** @param count models of each type, of different weights. */
export async function measureTypes(say: (line: string) => void, count = MODELS_EACH): Promise<Section> {
  const conformance = await Conformance.open();
  try {
    let largest = 0;
    let positions = 0;
    const rows = await withScratchFolder(tmpdir(), async (folder) => {
      const byGgml = await buildGgmlUnpacker(folder);
      const measured: string[][] = [];
      for (const type of SUPPORTED_TYPES) {
        const weights = await compareBits(type, byGgml);
        let exact = 0;
        let integers = 0;
        let real = 0;
        for (let seed = 1; seed <= count; seed++) {
          const result = await conformance.runType(type, seed);
          exact = Math.max(exact, result.exact.maxProbabilityDifference);
          integers = Math.max(integers, result.integers.maxProbabilityDifference);
          positions += result.exact.positions;
          real = Math.max(real, result.real.maxProbabilityDifference);
          if (!(exact < SAME)) throw new Error(`${type}, seed ${seed}: probabilities differ by ${exact}`);
        }
        say(`${type}: ${weights.toLocaleString("en")} weights bit by bit; ${figure(exact)} in models`);
        largest = Math.max(largest, exact);
        const { blockBytes, blockWeights } = FORMATS[type];
        const bits = ((blockBytes * 8) / blockWeights).toLocaleString("en", { maximumFractionDigits: 4 });
        measured.push([type, bits, "all equal", figure(exact), figure(integers), figure(real)]);
      }
      return measured;
    });
    const markdown = `*Values*: ${WEIGHTS.toLocaleString("en")} weights of random blocks of each type, every bit of them random, unpacked by the lens, by a second program written from the format's definition, and by ggml's own function; the results must be the same bits. *Difference*: ${count} models whose matrices are all of the type; the lens reads the blocks, llama.cpp the same weights unpacked to F32; it must be below ${figure(SAME)}. *In integers*: the same with the quicker arithmetic of the lens. *As the engine runs*: the exact lens against llama.cpp on the blocks with its defaults, which rounds what it multiplies and keeps 16-bit keys and values. These two are roundings by choice and have no bar. The random weights of these models are more sensitive than those of a trained one.

${table(
  [
    { title: "Type" },
    { title: "Bits a weight", figures: true },
    { title: "Values" },
    { title: "Difference", figures: true },
    { title: "In integers", figures: true },
    { title: "As the engine runs", figures: true },
  ],
  rows,
)}`;
    return {
      markdown,
      held: [
        {
          what: `weights unpacked from random blocks of ${SUPPORTED_TYPES.length} tensor types, bit by bit`,
          against: `ggml's own functions (${engineVersion()}) and a second program by the definition`,
          cases: SUPPORTED_TYPES.length * WEIGHTS,
          of: "weights",
          found: { kind: "equal" },
        },
        {
          what: `probabilities of every next token: models of one of ${SUPPORTED_TYPES.length} types`,
          against: `${engineVersion()}, on the same weights in F32`,
          cases: positions,
          of: "positions",
          found: { kind: "difference", largest, unit: "probability", below: SAME },
        },
      ],
    };
  } finally {
    await conformance.dispose();
  }
}

type Unpacker = (type: SupportedType, packed: Uint8Array, count: number) => Promise<Float32Array>;

/** Compiles a small program around the library of the engine's prebuilt package. */
async function buildGgmlUnpacker(folder: string): Promise<Unpacker> {
  await ensureDebianPackages(["llama-server"]);
  const program = join(folder, "unpackByGgml");
  await must("gcc", ["-O1", "-o", program, "test/exactness/lens/unpackByGgml.c", "-ldl"]);
  const platform = `${process.platform}-${process.arch}`;
  const library = join(
    process.cwd(),
    "node_modules/@node-llama-cpp",
    platform,
    "bins",
    platform,
    "libggml-base.so",
  );
  return async (type, packed, count) => {
    if (type === "F32") return new Float32Array(packed.slice().buffer);
    const [from, to] = [join(folder, "packed"), join(folder, "values")];
    await writeFile(from, packed);
    await must(program, [library, GGML[type], String(count), from, to]);
    return new Float32Array(new Uint8Array(readFileSync(to)).buffer);
  };
}

/** @returns how many weights were compared. @throws Error at the first that differs. */
async function compareBits(type: SupportedType, byGgml: Unpacker): Promise<number> {
  const { blockBytes, blockWeights } = FORMATS[type];
  const blocks = WEIGHTS / blockWeights;
  const random = seededRandom(type.length + blockBytes);
  const packed = Uint8Array.from({ length: blocks * blockBytes }, () => Math.floor(random() * 256));
  const values = unpacked(type, packed, WEIGHTS);
  for (const [who, others] of [
    ["its definition", referenceUnpack(type, packed)],
    ["ggml", await byGgml(type, packed, WEIGHTS)],
  ] as const) {
    if (others.length !== WEIGHTS) throw new Error(`${type}: ${others.length} weights by ${who}`);
    for (let i = 0; i < WEIGHTS; i++) {
      if (!Object.is(values[i], others[i])) {
        throw new Error(`${type}: weight ${i} is ${values[i]}, by ${who} ${others[i]}`);
      }
    }
  }
  return WEIGHTS;
}
