/** The GGUF reader and writer: what goes in comes out, and nothing in a file can bring the reader down. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type ByteSource, memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { convertLlama2c } from "../../../src/core/lens/gguf/convertLlama2c.js";
import type { GgufValue } from "../../../src/core/lens/gguf/format.js";
import { readModelCard } from "../../../src/core/lens/gguf/modelCard.js";
import { type GgufHeader, readGgufHeader } from "../../../src/core/lens/gguf/readGguf.js";
import { readVocabulary } from "../../../src/core/lens/gguf/vocabulary.js";
import { writeGguf } from "../../../src/core/lens/gguf/writeGguf.js";
import { readModelShape } from "../../../src/core/lens/modelShape.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { randomModel, seededRandom } from "./randomModel.js";

const read = (bytes: Uint8Array): GgufHeader => readGgufHeader(memorySource("x.gguf", bytes));

function refusal(bytes: Uint8Array): GlassboxError {
  try {
    read(bytes);
  } catch (error) {
    assert.ok(error instanceof GlassboxError, String(error));
    assert.ok(error.remedy, "says what to do");
    return error;
  }
  return assert.fail("the file was accepted");
}

const refuses = (bytes: Uint8Array, code: string, message: RegExp) => {
  const error = refusal(bytes);
  assert.match(error.message, message);
  assert.equal(error.code, code);
};

const uint32 = (value: number): GgufValue => ({ type: "uint32", value });
const string = (value: string): GgufValue => ({ type: "string", value });

/** A file written number by number, for what the writer would not write. */
class Raw {
  readonly bytes: number[] = [...Buffer.from("GGUF")];

  u32(value: number): this {
    for (let i = 0; i < 4; i++) this.bytes.push((value >>> (8 * i)) & 255);
    return this;
  }

  u64(value: bigint): this {
    for (let i = 0n; i < 8n; i++) this.bytes.push(Number((value >> (8n * i)) & 255n));
    return this;
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    this.u64(BigInt(bytes.length)).bytes.push(...bytes);
    return this;
  }

  header(tensors: bigint, metadata: bigint): this {
    return this.u32(3).u64(tensors).u64(metadata);
  }

  tensor(name: string, shape: bigint[], type: number, position: bigint): this {
    this.text(name).u32(shape.length);
    for (const size of shape) this.u64(size);
    return this.u32(type).u64(position);
  }

  /** Padded to the data section, then `data` zero bytes. */
  file(data = 0): Uint8Array {
    const start = Math.ceil(this.bytes.length / 32) * 32;
    const file = new Uint8Array(start + data);
    file.set(this.bytes);
    return file;
  }
}

describe("GGUF files", () => {
  it("come back as they were written", () => {
    const scalar = fc.oneof(
      fc.integer({ min: 0, max: 255 }).map((value): GgufValue => ({ type: "uint8", value })),
      fc.integer({ min: -128, max: 127 }).map((value): GgufValue => ({ type: "int8", value })),
      fc.integer({ min: 0, max: 65_535 }).map((value): GgufValue => ({ type: "uint16", value })),
      fc.integer({ min: -32_768, max: 32_767 }).map((value): GgufValue => ({ type: "int16", value })),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(uint32),
      fc.integer().map((value): GgufValue => ({ type: "int32", value })),
      fc.float({ noNaN: true }).map((value): GgufValue => ({ type: "float32", value })),
      fc.double({ noNaN: true }).map((value): GgufValue => ({ type: "float64", value })),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): GgufValue => ({ type: "uint64", value })),
      fc
        .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        .map((value): GgufValue => ({ type: "int64", value })),
      fc.boolean().map((value): GgufValue => ({ type: "bool", value })),
      fc.string({ unit: "grapheme" }).map(string),
    );
    const array = fc.oneof(
      fc
        .array(fc.string({ unit: "grapheme" }))
        .map((value): GgufValue => ({ type: "array", elementType: "string", value })),
      fc
        .float32Array({ noNaN: true })
        .map((value): GgufValue => ({ type: "array", elementType: "float32", value })),
      fc.int32Array().map((value): GgufValue => ({ type: "array", elementType: "int32", value })),
      fc.bigUint64Array().map((value): GgufValue => ({ type: "array", elementType: "uint64", value })),
    );
    const key = fc.string({ minLength: 1 }).map((name) => `k.${name}`);
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.oneof(scalar, array)),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })), { maxLength: 4 }),
        (entries, shapes) => {
          const metadata = new Map(Object.entries(entries));
          const tensors = shapes.map(([columns, rows], i) => ({
            name: `t${i}`,
            type: "F32" as const,
            shape: [columns, rows],
            data: new Uint8Array(columns * rows * 4).fill(i + 1),
          }));
          const file = writeGguf(metadata, tensors);
          const header = read(file);
          assert.deepEqual(header.metadata, metadata);
          assert.deepEqual(
            [...header.tensors.keys()],
            tensors.map((tensor) => tensor.name),
          );
          for (const { name, shape, data } of tensors) {
            const tensor = header.tensors.get(name)!;
            assert.deepEqual(tensor.shape, shape);
            assert.deepEqual(file.subarray(tensor.position, tensor.position + tensor.bytes), data);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("are read piece by piece: the weights are not touched", () => {
    const data = new Uint8Array(4 * 2 ** 20);
    const file = writeGguf([["a", string("b")]], [{ name: "t", type: "F32", shape: [2 ** 20], data }]);
    let most = 0;
    const source: ByteSource = {
      ...memorySource("x.gguf", file),
      read(position, into) {
        most = Math.max(most, position + into.byteLength);
        into.set(file.subarray(position, position + into.byteLength));
      },
    };
    assert.equal(readGgufHeader(source).tensors.get("t")?.elements, 2 ** 20);
    assert.ok(most < 2 ** 20, `${most} bytes were read`);
  });

  it("keep a byte-order mark that is a token", () => {
    const value = ["a", "\uFEFF", "b\uFEFF"];
    const header = read(writeGguf([["tokens", { type: "array", elementType: "string", value }]], []));
    assert.deepEqual(header.metadata.get("tokens")?.value, value);
  });

  it("are refused with what was found when they are something else", () => {
    refuses(new Uint8Array(0), "file-invalid", /"x\.gguf": the file is empty/);
    refuses(Buffer.from("PK\x03\x04 and so on"), "file-invalid", /expected magic "GGUF", got "PK\\x03\\x04"/);
    refuses(Buffer.from("GG"), "file-invalid", /expected magic "GGUF", got "GG"/);
    refuses(new Raw().u32(1).u64(0n).u64(0n).file(), "unsupported", /GGUF version 1/);
    refuses(new Raw().u32(0x03000000).u64(0n).u64(0n).file(), "unsupported", /big-endian/);
  });

  it("are refused when they claim more than they hold", () => {
    const huge = 2n ** 40n;
    refuses(new Raw().header(huge, 0n).file(), "file-invalid", /claims 1099511627776 tensors/);
    refuses(new Raw().header(0n, 2n ** 63n).file(), "file-invalid", /holds the number 9223372036854775808/);
    refuses(new Raw().header(60_000n, 0n).file(), "file-invalid", /more than its \d+ bytes can hold/);
    refuses(new Raw().header(0n, 1n).u64(huge).file(64), "file-invalid", /length of 1099511627776 bytes/);
    refuses(
      new Raw().header(0n, 1n).text("k").u32(9).u32(4).u64(huge).file(64),
      "file-invalid",
      /claims 1099511627776 elements in the value of "k"/,
    );
    refuses(
      new Raw().header(0n, 1n).text("k").u32(9).u32(9).u64(1n).file(64),
      "file-invalid",
      /array of arrays/,
    );
    refuses(new Raw().header(0n, 1n).text("k").u32(77).file(64), "file-invalid", /unknown type 77/);
    refuses(
      new Raw().header(0n, 2n).text("k").u32(4).u32(1).text("k").u32(4).u32(1).file(64),
      "file-invalid",
      /"k" occurs twice/,
    );
  });

  it("are refused when their tensors do not lie in the file, or in one another", () => {
    const one = (shape: bigint[], type: number, position: bigint) =>
      new Raw().header(1n, 0n).tensor("t", shape, type, position).file(256);
    assert.equal(read(one([64n], 0, 0n)).tensors.get("t")?.bytes, 256);
    refuses(
      one([65n], 0, 0n),
      "file-invalid",
      /"t" should end at byte \d+, but the file has \d+; it may be cut off/,
    );
    refuses(one([64n], 0, 32n), "file-invalid", /should end at byte/);
    refuses(one([2n ** 40n], 0, 0n), "file-invalid", /should end at byte/);
    refuses(one([2n ** 31n, 2n ** 31n], 0, 0n), "file-invalid", /impossible size/);
    refuses(one([0n], 0, 0n), "file-invalid", /impossible size of 0/);
    refuses(one([8n], 0, 8n), "file-invalid", /begins at 8, no multiple of 32/);
    refuses(one([40n], 8, 0n), "file-invalid", /rows of 40, no multiple of the 32 of a Q8_0 block/);
    refuses(one([1n, 1n, 1n, 1n, 1n], 0, 0n), "file-invalid", /5 dimensions/);
    refuses(one([8n], 999, 0n), "unsupported", /unknown type 999/);
    refuses(
      new Raw().header(2n, 0n).tensor("a", [32n], 0, 0n).tensor("b", [8n], 0, 96n).file(256),
      "file-invalid",
      /"a" and "b" overlap/,
    );
    refuses(
      new Raw().header(2n, 0n).tensor("a", [8n], 0, 0n).tensor("a", [8n], 0, 32n).file(256),
      "file-invalid",
      /"a" occurs twice/,
    );
  });

  it("cut off anywhere are refused", () => {
    const { file } = randomModel(5, { layers: 1, vocabulary: 8 });
    const header = read(file);
    const last = Math.max(...[...header.tensors.values()].map((tensor) => tensor.position + tensor.bytes));
    for (let length = 0; length < last; length += 37) refusal(file.subarray(0, length));
  });

  it("survive 5,000 mutations: read, or refused with a clear error, never hanging", function () {
    this.timeout(20_000);
    const { file } = randomModel(6, { layers: 1, vocabulary: 40 });
    const headerBytes = Math.min(...[...read(file).tensors.values()].map((tensor) => tensor.position));
    const random = seededRandom(2026);
    const below = (limit: number) => Math.floor(random() * limit);
    let refused = 0;
    let slowest = 0;
    for (let round = 0; round < 5000; round++) {
      const mutated = file.slice();
      for (let changes = 1 + below(4); changes > 0; changes--) {
        const at = below(headerBytes);
        const kind = below(4);
        if (kind === 0) mutated[at] = below(256);
        else if (kind === 1) mutated[at]! ^= 1 << below(8);
        else if (kind === 2) mutated.fill(255, at, at + 1 + below(8));
        else mutated.copyWithin(at, below(headerBytes), below(headerBytes));
      }
      const startedAt = performance.now();
      try {
        const header = read(mutated);
        readModelCard(header);
        readVocabulary(header).token(0);
        readModelShape(header);
      } catch (error) {
        assert.ok(error instanceof GlassboxError, error instanceof Error ? error.stack : String(error));
        assert.ok(error.message.includes("x.gguf") && error.message.length < 400, error.message);
        refused++;
      }
      slowest = Math.max(slowest, performance.now() - startedAt);
    }
    assert.ok(refused > 1000, `${refused} of 5000 were refused`);
    assert.ok(slowest < 1000, `one took ${slowest} ms`);
  });
});

describe("a model's card", () => {
  it("says what the file says", () => {
    const { file } = randomModel(1, {
      metadata: [["tokenizer.chat_template", string("{{ messages }}")]],
    });
    const card = readModelCard(read(file));
    assert.deepEqual(card, {
      name: "random",
      architecture: "llama",
      quantisation: "F32",
      fileBytes: file.length,
      parameterCount: [...read(file).tensors.values()].reduce((sum, tensor) => sum + tensor.elements, 0),
      vocabularySize: 50,
      trainedContext: 64,
      layerCount: 2,
      headCount: 4,
      chat: true,
    });
  });

  it("is refused where an engine would end the process", () => {
    const without = (key: string) => {
      const header = read(randomModel(1).file);
      return { ...header, metadata: new Map([...header.metadata].filter(([name]) => name !== key)) };
    };
    for (const key of ["general.architecture", "llama.attention.head_count", "llama.feed_forward_length"]) {
      assert.throws(
        () => readModelCard(without(key)),
        new RegExp(`no usable "${key.replaceAll(".", "\\.")}"`),
      );
    }
    const tokens = (value: string[]) =>
      read(
        randomModel(1, {
          metadata: [["tokenizer.ggml.tokens", { type: "array", elementType: "string", value }]],
        }).file,
      );
    assert.throws(() => readModelCard(tokens(["a", "b", "a"])), /tokens 0 and 2 have the same name, "a"/);
    assert.throws(() => readModelCard(tokens([])), /carries no vocabulary/);
  });
});

describe("a model's vocabulary", () => {
  const vocabulary = (model: string, tokens: string[], types: number[]) =>
    readVocabulary(
      read(
        writeGguf(
          [
            ["tokenizer.ggml.model", string(model)],
            ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: tokens }],
            [
              "tokenizer.ggml.token_type",
              { type: "array", elementType: "int32", value: Int32Array.from(types) },
            ],
            ["tokenizer.ggml.bos_token_id", uint32(1)],
          ],
          [],
        ),
      ),
    );

  it("reads SentencePiece names", () => {
    const { token, bosId, size } = vocabulary(
      "llama",
      ["<unk>", "<s>", "<0x0A>", "▁total", "é", "<user▁said>"],
      [2, 3, 6, 1, 1, 4],
    );
    assert.equal(bosId, 1);
    assert.equal(size, 6);
    assert.deepEqual(token(1), { id: 1, name: "<s>", special: true, bytes: new Uint8Array(0) });
    assert.deepEqual([...token(2).bytes], [10]);
    assert.equal(Buffer.from(token(3).bytes).toString(), " total");
    assert.deepEqual([...token(4).bytes], [0xc3, 0xa9]);
    assert.equal(Buffer.from(token(5).bytes).toString(), "<user▁said>");
    assert.throws(() => token(6), /no token 6/);
    assert.throws(() => token(-1), /no token -1/);
  });

  it("reads byte-level names: every byte has one character", () => {
    const prints = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
    const bytes = [...Array(256).keys()];
    const moved = bytes.filter((byte) => !prints(byte));
    const alphabet = bytes.map((byte) =>
      String.fromCodePoint(prints(byte) ? byte : 256 + moved.indexOf(byte)),
    );
    const { token } = vocabulary(
      "gpt2",
      [...alphabet, "Ġreturn", "<|endoftext|>"],
      [...Array(257).fill(1), 3],
    );
    for (let byte = 0; byte < 256; byte++) {
      if (byte !== 1) assert.deepEqual([...token(byte).bytes], [byte]);
    }
    assert.equal(Buffer.from(token(256).bytes).toString(), " return");
    assert.equal(token(257).special, true);
  });
});

describe("a llama2.c checkpoint", () => {
  /** A checkpoint and tokenizer of the smallest kind: one layer, 32 dimensions, 260 tokens. */
  function parts(classifier: boolean): { checkpoint: Uint8Array; tokenizer: Uint8Array } {
    const [dim, hidden, layers, heads, kvHeads, vocabulary, context] = [32, 64, 1, 2, 1, 260, 8];
    const floats =
      vocabulary * dim * (classifier ? 2 : 1) +
      layers * (2 * dim + 2 * dim * dim + dim * dim + 3 * dim * hidden) +
      dim +
      (context * dim) / heads;
    const checkpoint = new Uint8Array(28 + floats * 4);
    const view = new DataView(checkpoint.buffer);
    [dim, hidden, layers, heads, kvHeads, classifier ? -vocabulary : vocabulary, context].forEach(
      (value, i) => {
        view.setInt32(i * 4, value, true);
      },
    );
    for (let i = 0; i < floats; i++) view.setFloat32(28 + i * 4, i % 1000, true);
    const pieces = Array.from({ length: vocabulary }, (_, id) => (id < 259 ? `${id}` : " a"));
    const tokenizer = Buffer.concat([
      Buffer.from([9, 0, 0, 0]),
      ...pieces.map((piece, id) => {
        const head = Buffer.alloc(8);
        head.writeFloatLE(-id, 0);
        head.writeInt32LE(piece.length, 4);
        return Buffer.concat([head, Buffer.from(piece)]);
      }),
    ]);
    return { checkpoint, tokenizer };
  }

  it("becomes a GGUF file with every weight in its place", () => {
    for (const classifier of [false, true]) {
      const { checkpoint, tokenizer } = parts(classifier);
      const file = convertLlama2c(checkpoint, tokenizer, "F32");
      const header = read(file);
      const { dim, kvHeads, hidden, context } = readModelShape(header);
      assert.deepEqual([dim, kvHeads, hidden, context], [32, 1, 64, 8]);
      assert.equal(header.tensors.has("output.weight"), classifier);
      const first = (name: string) => {
        const { position } = header.tensors.get(name)!;
        return new DataView(file.buffer, file.byteOffset).getFloat32(position, true);
      };
      // Running offsets of the checkpoint's own order.
      const order: [string, number][] = [
        ["token_embd.weight", 260 * 32],
        ["blk.0.attn_norm.weight", 32],
        ["blk.0.attn_q.weight", 32 * 32],
        ["blk.0.attn_k.weight", 32 * 16],
        ["blk.0.attn_v.weight", 32 * 16],
        ["blk.0.attn_output.weight", 32 * 32],
        ["blk.0.ffn_norm.weight", 32],
        ["blk.0.ffn_gate.weight", 32 * 64],
        ["blk.0.ffn_down.weight", 32 * 64],
        ["blk.0.ffn_up.weight", 32 * 64],
        ["output_norm.weight", 32],
      ];
      let offset = 0;
      for (const [name, count] of order) {
        assert.equal(header.tensors.get(name)?.elements, count, name);
        assert.equal(first(name), offset % 1000, name);
        offset += count;
      }
      const names = readVocabulary(header);
      assert.deepEqual(
        [names.token(1).name, names.token(3).name, names.token(259).name],
        ["<s>", "<0x00>", "▁a"],
      );
    }
  });

  it("is refused when its parts do not fit together", () => {
    const { checkpoint, tokenizer } = parts(false);
    assert.throws(() => convertLlama2c(checkpoint.subarray(0, -4), tokenizer, "F32"), /holds \d+/);
    assert.throws(
      () => convertLlama2c(new Uint8Array(checkpoint.length + 4).fill(1), tokenizer, "F32"),
      /convert/,
    );
    assert.throws(
      () => convertLlama2c(checkpoint, tokenizer.subarray(0, 900), "F32"),
      /cut off at token \d+ of 260/,
    );
    assert.throws(() => convertLlama2c(new Uint8Array(3), tokenizer, "F32"), /has 3 bytes/);
  });
});
