/** A second run beside the first, with real weights: held to a changed word inside one run, and to a run by itself. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALONE, movedShare } from "../../src/core/lens/beside.js";
import { unpackHead } from "../../src/core/lens/packedAttention.js";
import { type AttentionSurface, attentionHandlers } from "../../src/editor/attention/attentionHandlers.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { BesideProgress } from "../../src/shared/panels/attention.js";
import type { LensProtocol, ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel, THREADS, unroundedModel } from "../modelFiles.js";
import { buildCase, CASES } from "./conformance/cases.js";
import { packedToQ4 } from "./requantise.js";

const BUILT_IN = builtInModel();
const EXACT = unroundedModel();
const TEXT = "Once upon a time, there was a girl named Lily. She had a red ball.";

describe("Two runs beside each other", function () {
  this.timeout(60_000);
  let folder: string;
  let model: WorkerClient<ModelProtocol>;
  let lens: WorkerClient<LensProtocol>;
  let second: WorkerClient<LensProtocol>;
  let chosen: string | undefined;
  const quiet = { signal: new AbortController().signal, emit: () => {} };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-beside-"));
    model = builtWorkers.model();
    lens = builtWorkers.lens();
    second = builtWorkers.lens();
  });
  after(() => {
    for (const each of [model, lens, second]) each.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(path: string, contextSize = 256) {
    const surface: AttentionSurface = {
      text: () => ({
        text: TEXT,
        source: { fileName: "a.md", firstLine: 0, lastLine: 0, chosen: "selection" },
      }),
      light: () => {},
      point: () => {},
      reveal: () => {},
      takeSelection: () => {},
      useBuiltInModel: async () => {},
    };
    const host = attentionHandlers(
      {
        ready: () => model.call("load", { path, gpuLayers: 0, threads: THREADS, contextSize }),
        call: (method, params, options) => model.call(method, params, options),
      },
      lens,
      surface,
      { lens: second, chooseOther: async () => chosen },
    );
    const first = await host.attend({ exact: true }, quiet);
    return { host, first };
  }

  it("shows a changed word as a run with that token in its place does", async () => {
    const { host, first } = await run(BUILT_IN);
    const beside = await host.beside(
      { ask: { kind: "text", text: TEXT.replace("red", "big") }, exact: true },
      quiet,
    );
    assert.ok(beside);
    assert.equal(beside.tokens.length, first.tokenCount);
    assert.deepEqual([...beside.counterparts], [...beside.tokens.keys()]);
    const token = beside.tokens.findIndex(({ name }) => name === "▁big");
    const position = first.tokenCount - 2;
    const row = { layer: 3, head: 2, query: position };
    const swap = { kind: "swap", token, id: beside.tokens[token]!.id } as const;
    const inside = await host.cut({ cuts: [swap], position, row }, quiet);
    const effect = await host.besideEffect({ position, other: position }, quiet);
    assert.ok(Math.abs(effect.effect.klBits - inside.effect.klBits) < 1e-4 * (1 + inside.effect.klBits));
    assert.ok(effect.effect.klBits > 0);
    assert.deepEqual(effect.effect.changes[0]!.id, inside.effect.changes[0]!.id);
    const packed = await host.besideLayer({ layer: 3 }, quiet);
    const square = unpackHead(packed, 2);
    inside.effect.row!.after.forEach((weight, key) => {
      assert.ok(Math.abs(square[position * first.tokenCount + key]! - weight) < 1e-3);
    });
    // Nothing before the changed word can have moved.
    const own = unpackHead(await host.layer({ layer: 3 }, quiet), 2);
    for (let at = 0; at < token * first.tokenCount; at++) assert.equal(square[at], own[at]);
    assert.notDeepEqual(square, own);
  });

  it("finds that nothing moves where the second text is the first", async () => {
    const { host, first } = await run(BUILT_IN);
    const beside = await host.beside({ ask: { kind: "text", text: TEXT }, exact: true }, quiet);
    const last = first.tokenCount - 1;
    assert.equal((await host.besideEffect({ position: last, other: last }, quiet)).effect.klBits, 0);
    const [one, two] = [await host.layer({ layer: 5 }, quiet), await host.besideLayer({ layer: 5 }, quiet)];
    assert.deepEqual(two.halves, one.halves);
    const squareOf = (packed: typeof one) => ({
      tokenCount: packed.tokenCount,
      weights: unpackHead(packed, 0),
    });
    // Rows of 16-bit weights sum to 1 within a thousandth.
    assert.ok(movedShare(squareOf(one), squareOf(two), beside!.counterparts) < 1e-3);
  });

  it("runs another quantisation on the same tokens", async () => {
    chosen = join(folder, "stories15M-Q4_0.gguf");
    packedToQ4(EXACT, chosen);
    const { host, first } = await run(EXACT);
    const beside = await host.beside({ ask: { kind: "model" }, exact: true }, quiet);
    assert.ok(beside);
    assert.equal(beside.model.quantisation, "Q4_0");
    assert.equal(beside.sameVocabulary, true);
    assert.deepEqual([...beside.counterparts], [...beside.tokens.keys()]);
    const { effect } = await host.besideEffect(
      { position: first.tokenCount - 1, other: first.tokenCount - 1 },
      quiet,
    );
    assert.ok(effect.klBits > 1e-4 && effect.klBits < 2, `${effect.klBits}`);
    // The same as the engine's file by itself in the first place.
    const packed = await host.besideLayer({ layer: 2 }, quiet);
    const alone = await run(chosen);
    assert.deepEqual((await alone.host.layer({ layer: 2 }, quiet)).halves, packed.halves);
    await assert.rejects(async () => alone.host.besideLayer({ layer: 2 }, quiet), /no second run/);
  });

  it("pairs the tokens of another vocabulary by their places, and tells why predictions are not compared", async () => {
    chosen = join(folder, "bytes.gguf");
    writeFileSync(
      chosen,
      buildCase(CASES.find(({ architecture }) => architecture === "llama")!, "F32", 1).file,
    );
    const { host, first } = await run(BUILT_IN);
    const beside = await host.beside({ ask: { kind: "model" }, exact: true }, quiet);
    assert.ok(beside);
    assert.equal(beside.sameVocabulary, false);
    assert.ok(beside.counterparts.includes(ALONE));
    assert.ok(beside.counterparts.some((at) => at > 0));
    const { signal } = quiet;
    await assert.rejects(
      async () => host.besideEffect({ position: first.tokenCount - 1, other: 1 }, { signal, emit: () => {} }),
      /different vocabularies/,
    );
    // Where the list is closed again, nothing was read, and the second run before is still there.
    chosen = undefined;
    const told: BesideProgress[] = [];
    const none = await host.beside(
      { ask: { kind: "model" }, exact: true },
      { signal, emit: (progress) => told.push(progress) },
    );
    assert.equal(none, null);
    assert.deepEqual(told, [{ kind: "choosing" }]);
    assert.equal((await host.besideLayer({ layer: 1 }, quiet)).layer, 1);
  });

  it("tells what is done: the choice, the reading, each layer", async () => {
    chosen = join(folder, "bytes.gguf");
    const { host } = await run(BUILT_IN);
    const told: BesideProgress[] = [];
    const emit = (progress: BesideProgress) => void told.push(progress);
    const beside = await host.beside({ ask: { kind: "model" }, exact: true }, { ...quiet, emit });
    const layers = beside?.run.layerCount ?? 0;
    assert.deepEqual(told, [
      { kind: "choosing" },
      { kind: "reading", model: "bytes.gguf" },
      ...Array.from({ length: layers }, (_, layer) => ({ kind: "layer", layer, layers })),
    ]);
    told.length = 0;
    await host.beside({ ask: { kind: "text", text: "A dog." }, exact: true }, { ...quiet, emit });
    assert.deepEqual(told.slice(0, 2), [
      { kind: "reading", model: undefined },
      { kind: "layer", layer: 0, layers: 6 },
    ]);
  });

  it("says of a file that is no model what to do, which is not to change the first", async () => {
    chosen = join(folder, "text.gguf");
    writeFileSync(chosen, "This is a text.\n".repeat(100));
    const { host } = await run(BUILT_IN);
    await assert.rejects(
      async () => host.beside({ ask: { kind: "model" }, exact: true }, quiet),
      (error: unknown) => {
        const { code, message, remedy } = GlassboxError.from(error);
        assert.equal(code, "file-invalid");
        assert.match(message, /"text\.gguf": expected magic "GGUF"/);
        assert.match(remedy ?? "", /another file for the second run/);
        return true;
      },
    );
    assert.equal((await host.layer({ layer: 0 }, quiet)).layer, 0);
  });

  it("names an architecture that the lens cannot run, and those that it can", async () => {
    chosen = join(folder, "other.gguf");
    // What llama.cpp knows and the lens does not, with names of the same length.
    const { file } = buildCase(CASES.find(({ architecture }) => architecture === "gpt2")!, "F32", 1);
    const renamed = Buffer.from(file).toString("latin1").replaceAll("gpt2", "phi2");
    writeFileSync(chosen, Buffer.from(renamed, "latin1"));
    const { host } = await run(BUILT_IN);
    await assert.rejects(
      async () => host.beside({ ask: { kind: "model" }, exact: true }, quiet),
      (error: unknown) => {
        const { code, message, remedy } = GlassboxError.from(error);
        assert.equal(code, "unsupported", message);
        assert.match(message, /its architecture is "phi2". It supports llama, /);
        assert.match(remedy ?? "", /another file for the second run/);
        return true;
      },
    );
  });
});
