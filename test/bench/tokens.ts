/**
 * How fast text becomes tokens here and in the peers, interleaved in one run: first encodes, edits, worst cases, what
 * loading and keeping costs. Every peer must give the same ids before it is timed. All in o200k_base.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchResult } from "../../scripts/bench.js";
import { BytePairEncoder } from "../../src/core/tokens/bytePairEncoder.js";
import { EncodingTable } from "../../src/core/tokens/encodingTable.js";
import { TokenBuffer } from "../../src/core/tokens/tokenBuffer.js";
import { TokenDocument } from "../../src/core/tokens/tokenDocument.js";
import { CORPUS_NAMES, type CorpusName, corpus, seededRandom } from "../core/tokens/corpora.js";
import { referenceIds } from "../core/tokens/reference.js";

const ENCODING = "o200k_base";
const ROUNDS = 7;
const COLD_RUNS = 3;
const EDITS = 3000;
/** As src/editor/tokens/documentTokens.ts slices. */
const SLICE_MS = 2;

type Encode = (text: string) => ArrayLike<number>;

const median = (values: number[]) => percentile(values, 0.5);

function percentile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function openEncoder(): BytePairEncoder {
  const root = process.cwd();
  const file = readFileSync(join(root, "media/encodings", `${ENCODING}.bin`));
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  const kernel = new WebAssembly.Module(readFileSync(join(root, "dist/tokenKernel.wasm")));
  return new BytePairEncoder(new EncodingTable(buffer, ENCODING), kernel);
}

/** Each loaded as its README says is fastest; ids as a typed array where it offers one. */
const PEERS: Record<string, () => Promise<Encode>> = {
  glassbox: async () => {
    const encoder = openEncoder();
    return (text) => {
      const out = new TokenBuffer(text.length);
      encoder.encodeRange(text, 0, text.length, out);
      return out.words.subarray(0, out.length);
    };
  },
  hypertok: async () => {
    const { fromBytes } = await import("hypertok");
    const vocabulary = readFileSync(join(process.cwd(), "node_modules/@hypertok/vocab-o200k/vocab.htk"));
    const tokenizer = await fromBytes(vocabulary, { tier: "single" });
    return (text) => tokenizer.encodeSync(text);
  },
  "gpt-tokenizer": async () => {
    const { encode } = await import("gpt-tokenizer/encoding/o200k_base");
    const options = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
    return (text) => encode(text, options);
  },
  "ai-tokenizer": async () => {
    const { Tokenizer } = await import("ai-tokenizer");
    const tokenizer = new Tokenizer(await import("ai-tokenizer/encoding/o200k_base"));
    return (text) => tokenizer.encode(text, [], []);
  },
  tiktoken: async () => {
    const { get_encoding } = await import("tiktoken");
    const tokenizer = get_encoding("o200k_base");
    return (text) => tokenizer.encode_ordinary(text);
  },
  "js-tiktoken": async () => (text) => referenceIds(ENCODING, text),
};
/** Measured on code only: on other texts they take up to a minute. */
const SLOW = new Set(["tiktoken", "js-tiktoken"]);

/** Our words carry a mark on the first token of each piece. */
function sameIds(ours: ArrayLike<number>, theirs: ArrayLike<number>): boolean {
  if (ours.length !== theirs.length) return false;
  for (let i = 0; i < ours.length; i++) if (((ours[i]! ^ theirs[i]!) & 0x7fffffff) !== 0) return false;
  return true;
}

export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "glassbox-bench-"));
  const figures: Record<string, number> = {};
  const table: BenchResult["table"] = [];
  const show = (name: string, value: number, note: string, digits = 1) =>
    table.push({ name, value: value.toFixed(digits), note });
  const report = (name: string, value: number, note: string, digits = 1) => {
    figures[name] = value;
    show(name, value, note, digits);
  };
  try {
    const speedups = { "gpt-tokenizer": [] as number[], hypertok: [] as number[] };
    const warm = await warmTimes();
    for (const name of CORPUS_NAMES) {
      for (const [peer, ms] of Object.entries(warm[name])) show(`warm ${name}, ${peer}`, ms, "ms");
      for (const peer of ["gpt-tokenizer", "hypertok"] as const) {
        speedups[peer].push(warm[name][peer]! / warm[name].glassbox!);
      }
    }
    for (const name of CORPUS_NAMES) {
      const cold = coldTimes(folder, name);
      for (const [peer, ms] of Object.entries(cold)) show(`cold ${name}, ${peer}`, ms, "ms");
      for (const peer of ["gpt-tokenizer", "hypertok"] as const) {
        speedups[peer].push(cold[peer]! / cold.glassbox!);
      }
    }
    report(
      "encode_speedup_vs_gpt_tokenizer_min",
      Math.min(...speedups["gpt-tokenizer"]),
      "x  cold and warm",
      2,
    );
    report("encode_speedup_vs_hypertok_min", Math.min(...speedups.hypertok), "x  cold and warm", 2);

    const fastest = Math.min(
      ...Object.entries(warm.code).map(([peer, ms]) => (peer === "glassbox" ? Infinity : ms)),
    );
    const edits = editTimes({ "100kb": 100_000, "1mb": 1_000_000, "10mb": 10_000_000 });
    for (const [name, times] of Object.entries(edits)) {
      report(`edit_${name}_median_us`, median(times) * 1000, "us  change event to spans around it");
      if (name === "10mb") report("edit_10mb_p99_us", percentile(times, 0.99) * 1000, "us");
      if (name === "1mb") {
        report(
          "edit_speedup_vs_fastest_peer_1mb",
          fastest / median(times),
          "x  a peer encodes the whole text",
          0,
        );
      }
    }

    let slowdown = 0;
    for (const { name, text } of worstCases()) {
      const { ms, ordinaryMs } = worstTime(text);
      slowdown = Math.max(slowdown, ms / ordinaryMs);
      show(`slowdown, ${name}`, ms / ordinaryMs, `x  ${ms.toFixed(1)} ms to open`, 2);
    }
    report("worst_case_slowdown_max", slowdown, "x  against code of as many bytes", 2);

    let hold = 0;
    for (const { name, text } of worstCases()) {
      const { openMs, editMs } = longestHolds(text);
      hold = Math.max(hold, openMs, editMs);
      show(
        `longest hold, ${name}`,
        Math.max(openMs, editMs),
        `ms  opening ${openMs.toFixed(1)}, editing ${editMs.toFixed(1)}`,
      );
    }
    report("longest_hold_ms", hold, "ms  in one go, opening and editing the worst cases");

    const loads = Array.from({ length: COLD_RUNS }, () => inChild<{ ms: number; mb: number }>("load"));
    report("load_ms", median(loads.map(({ ms }) => ms)), "ms  new process, file to first token");
    report("load_rss_mb", median(loads.map(({ mb }) => mb)), "MB  growth of the resident set");
    const file = join(folder, "10mb.txt");
    writeFileSync(file, codeOf(10_000_000));
    const kept = inChild<{ bytes: number; tokens: number; textBytes: number }>("memory", file);
    report(
      "bytes_per_token",
      kept.bytes / kept.tokens,
      `bytes  of 10 MB, ${kept.tokens} tokens, the text apart`,
      2,
    );

    // Loaded here, so that the child processes above are not those of a browser's driver.
    const { hostFigures } = await import("./host/hostFigures.js");
    const host = await hostFigures();
    Object.assign(figures, host.figures);
    table.push(...host.table);
    return { figures, table };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Medians in ms by corpus and peer: the same text again and again, so that all caches are as warm as they get. */
async function warmTimes(): Promise<Record<CorpusName, Record<string, number>>> {
  const peers: [string, Encode][] = [];
  for (const [name, load] of Object.entries(PEERS)) peers.push([name, await load()]);
  const ours = peers[0]![1];
  const medians = {} as Record<CorpusName, Record<string, number>>;
  for (const name of CORPUS_NAMES) {
    const text = corpus(name);
    const times: Record<string, number[]> = {};
    const measured = peers.filter(([peer]) => name === "code" || !SLOW.has(peer));
    for (const [peer, encode] of measured) {
      if (!sameIds(ours(text), encode(text))) throw new Error(`The ids of ${peer} differ in ${name}.`);
      times[peer] = [];
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [peer, encode] of measured) {
        times[peer]!.push(timed(() => encode(text)));
      }
    }
    medians[name] = Object.fromEntries(Object.entries(times).map(([peer, values]) => [peer, median(values)]));
  }
  return medians;
}

/** Medians in ms of the first encode in new processes; loading is not counted for any. */
function coldTimes(folder: string, name: CorpusName): Record<string, number> {
  const file = join(folder, `${name}.txt`);
  writeFileSync(file, corpus(name));
  const times: Record<string, number[]> = { glassbox: [], hypertok: [], "gpt-tokenizer": [] };
  for (let round = 0; round < COLD_RUNS; round++) {
    for (const [peer, values] of Object.entries(times)) values.push(inChild<number>("cold", peer, file));
  }
  return Object.fromEntries(Object.entries(times).map(([peer, values]) => [peer, median(values)]));
}

/** Runs one of `CHILD` in a process of its own. */
function inChild<Answer>(task: keyof typeof CHILD, ...args: string[]): Answer {
  const bundle = new URL(import.meta.url).href;
  const script = `const { CHILD } = await import(${JSON.stringify(bundle)});
    console.log(JSON.stringify(await CHILD.${task}(...${JSON.stringify(args)})));`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", "--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`The child process for ${task} failed: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

const collect = () => (globalThis as unknown as { gc(): void }).gc();

/** Exported for the child process, which imports this bundle. */
export const CHILD = {
  async cold(peer: string, file: string): Promise<number> {
    const encode = await PEERS[peer]!();
    const text = readFileSync(file, "utf8");
    return timed(() => encode(text));
  },

  load(): { ms: number; mb: number } {
    collect();
    const before = process.memoryUsage.rss();
    const ms = timed(() => openEncoder().encode("Hi"));
    return { ms, mb: (process.memoryUsage.rss() - before) / 1e6 };
  },

  memory(file: string): { bytes: number; tokens: number } {
    const encoder = openEncoder();
    const held = () => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    new TokenDocument(encoder, readFileSync(file, "utf8").slice(0, 100_000)).encode(() => true);
    const text = readFileSync(file, "utf8");
    // The text is flat and lies in one place before it is counted.
    encoder.splitter.pieceEnd(text, 0);
    const before = held();
    const document = new TokenDocument(encoder, text);
    document.encode(() => true);
    return { bytes: held() - before, tokens: document.tokenCount };
  },
};

function codeOf(length: number): string {
  return corpus("code")
    .repeat(Math.ceil(length / corpus("code").length))
    .slice(0, length);
}

/** What a `TextDocumentContentChangeEvent` says of a change. */
interface ContentChange {
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

/**
 * Milliseconds from a change event to the spans around it, typing and deleting in the middle of code, for texts of
 * several lengths in turn: so each meets the same code of ours, as far as the engine has compiled it by then.
 */
function editTimes<Name extends string>(lengths: Record<Name, number>): Record<Name, number[]> {
  const names = Object.keys(lengths) as Name[];
  const texts = names.map((name) => {
    const document = new TokenDocument(openEncoder(), codeOf(lengths[name]));
    document.encode(() => true);
    return { length: lengths[name], document, random: seededRandom(3), times: [] as number[] };
  });
  const typed = ["a", "1", " ", "\n", "(", "é", "word", "  ", ";"];
  for (let i = 0; i < EDITS; i++) {
    for (const { length, document, random, times } of texts) {
      const at = Math.floor(length / 2 + (random() - 0.5) * 20_000);
      const change: ContentChange =
        i % 3 === 2
          ? { rangeOffset: at, rangeLength: 1, text: "" }
          : { rangeOffset: at, rangeLength: 0, text: typed[i % typed.length]! };
      times.push(
        timed(() => {
          document.edit({ offset: change.rangeOffset, length: change.rangeLength, text: change.text });
          document.spans(Math.max(0, at - 20), at + change.text.length + 20);
        }),
      );
    }
  }
  const settled = texts.map(({ times }, index) => [names[index]!, times.slice(EDITS / 10)]);
  return Object.fromEntries(settled) as Record<Name, number[]>;
}

function* worstCases(): Generator<{ name: string; text: string }> {
  for (const [name, unit] of [
    ["one letter", "a"],
    ["spaces", " "],
    ["equals signs", "="],
    ["one emoji", "😀"],
  ] as const) {
    yield { name, text: unit.repeat(1_000_000 / unit.length) };
  }
  const random = seededRandom(5);
  const bytes = Uint8Array.from({ length: 750_000 }, () => Math.floor(random() * 256));
  yield { name: "base64", text: Buffer.from(bytes).toString("base64") };
  const characters = corpus("cjk").replace(/[^\p{Script=Han}]/gu, "");
  const repeated = characters.repeat(Math.ceil(5_000_000 / characters.length)).slice(0, 5_000_000);
  yield { name: "5 million ideographs", text: repeated };
}

/** Milliseconds to open a text, and to open code of as many bytes, in turns. */
function worstTime(text: string): { ms: number; ordinaryMs: number } {
  const encoder = openEncoder();
  const ordinary = codeOf(Buffer.byteLength(text));
  const open = (content: string) => timed(() => new TokenDocument(encoder, content).encode(() => true));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < 5; i++) {
    ours.push(open(text));
    theirs.push(open(ordinary));
  }
  return { ms: median(ours), ordinaryMs: median(theirs) };
}

/** Milliseconds of the longest single call when a text is opened, edited in its middle and drawn: medians of three runs. */
function longestHolds(text: string): { openMs: number; editMs: number } {
  const encoder = openEncoder();
  const runs = [0, 1, 2].map(() => {
    let document: TokenDocument | undefined;
    let openMs = timed(() => {
      document = new TokenDocument(encoder, text);
    });
    const finish = () => {
      let longest = 0;
      for (let complete = false; !complete; ) {
        const end = performance.now() + SLICE_MS;
        longest = Math.max(
          longest,
          timed(() => {
            complete = document!.encode(() => performance.now() < end);
          }),
        );
      }
      return longest;
    };
    openMs = Math.max(openMs, finish());
    let editMs = 0;
    for (let i = 0; i < 10; i++) {
      const offset = (text.length >> 1) + i * 7;
      // What is drawn after an edit: the tokens around it, and how many the line has.
      const look = () => {
        document!.spans(offset - 50, offset + 50);
        document!.countStarting(0, document!.length);
        document!.indexAt(offset);
      };
      editMs = Math.max(
        editMs,
        timed(() => {
          document!.edit({ offset, length: i % 2, text: i % 2 === 0 ? "x" : "" });
          look();
        }),
        finish(),
        timed(look),
      );
    }
    return { openMs, editMs };
  });
  return {
    openMs: median(runs.map(({ openMs }) => openMs)),
    editMs: median(runs.map(({ editMs }) => editMs)),
  };
}
