/** The replay of merges ends in the encoder's tokens, and each step is a merge that the table holds. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ENCODING_NAMES, type EncodingName } from "../../../src/core/tokens/encodings.js";
import { replayMerges } from "../../../src/core/tokens/replayMerges.js";
import type { MergeReplay } from "../../../src/shared/types.js";
import { encoderOf } from "./reference.js";

const utf8 = new TextEncoder();

const binary = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

const rankTables = new Map<EncodingName, Map<string, number>>();

/** All tokens by their bytes, read off the table id by id rather than looked up in it. */
function ranks(name: EncodingName): Map<string, number> {
  let found = rankTables.get(name);
  if (!found) {
    const { table } = encoderOf(name);
    found = new Map();
    for (let id = 0; id < table.idLimit; id++) found.set(binary(table.bytesOf(id)), id);
    rankTables.set(name, found);
  }
  return found;
}

function parts(bytes: Uint8Array, replay: MergeReplay): string[] {
  const borders = replay.merges.at(-1)?.borders ?? [];
  return borders.slice(1).map((end, part) => Buffer.from(bytes.subarray(borders[part], end)).toString());
}

function assertReplay(name: EncodingName, piece: string): void {
  const { table } = encoderOf(name);
  const bytes = utf8.encode(piece);
  const replay = replayMerges(table, bytes);
  assert.deepEqual(replay.ids, encoderOf(name).encode(piece), `${name} ${JSON.stringify(piece)}`);
  let before = Array.from({ length: bytes.length + 1 }, (_, at) => at);
  for (const { borders, made, id, rank, candidates, runnerUp } of replay.merges) {
    assert.equal(id, rank);
    assert.deepEqual(borders, before.toSpliced(made + 1, 1), "one border goes, at the pair that was joined");
    assert.deepEqual(table.bytesOf(rank), bytes.subarray(borders[made], borders[made + 1]));
    const possible: { start: number; middle: number; end: number; rank: number }[] = [];
    for (let part = 0; part + 2 < before.length; part++) {
      const [start, middle, end] = before.slice(part, part + 3) as [number, number, number];
      const other = ranks(name).get(binary(bytes.subarray(start, end)));
      if (other !== undefined) possible.push({ start, middle, end, rank: other });
    }
    // The sort is stable: of equal ranks the leftmost stays first.
    possible.sort((a, b) => a.rank - b.rank);
    assert.equal(possible.length, candidates);
    assert.equal(possible[0]?.start, borders[made], "no neighbours were joined earlier in training");
    assert.deepEqual(runnerUp, possible[1]);
    before = borders;
  }
  if (!replay.wholeWithoutMerges) assert.equal(before.length - 1, replay.ids.length);
}

describe("the replay of merges", () => {
  it("cuts ubiquitous as each encoding does", () => {
    const cut = (name: EncodingName, piece: string) => {
      const bytes = utf8.encode(piece);
      return parts(bytes, replayMerges(encoderOf(name).table, bytes));
    };
    assert.deepEqual(cut("o200k_base", "ubiquitous"), ["ub", "iqu", "it", "ous"]);
    assert.deepEqual(cut("o200k_base", " ubiquitous"), [" ubiquitous"]);
    assert.deepEqual(cut("cl100k_base", "ubiquitous"), ["ub", "iqu", "itous"]);
    assert.deepEqual(cut("cl100k_base", "strawberry"), ["str", "aw", "berry"]);
    assert.deepEqual(cut("o200k_base", "strawberry"), ["st", "raw", "berry"]);
  });

  it("says of every step the pair, its rank and the parts after it", () => {
    const bytes = utf8.encode("Hi");
    const { startIds, merges, ids } = replayMerges(encoderOf("o200k_base").table, bytes);
    assert.deepEqual(
      startIds,
      [...bytes].map((byte) => encoderOf("o200k_base").encode(String.fromCharCode(byte))[0]),
    );
    assert.deepEqual(ids, [12194]);
    assert.deepEqual(merges, [
      { borders: [0, 2], made: 0, id: 12194, rank: 12194, candidates: 1, runnerUp: undefined },
    ]);
  });

  it("ends in the encoder's tokens for pieces of code, prose and bytes of characters", () => {
    const pieces = [
      ...[" function", "getUserById", "(values", "    ", " undefined", "\n\n", "==", "日本語", "🙂", "ﷺ"],
      ...["Straßenbahn", "🏳️‍🌈", "a", "é", "supercalifragilistic"],
    ];
    for (const name of ENCODING_NAMES) for (const piece of pieces) assertPieces(name, piece);
  });

  it("ends in the encoder's tokens for any piece", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ENCODING_NAMES),
        fc.string({ unit: "grapheme", maxLength: 12 }),
        assertPieces,
      ),
      { numRuns: 200 },
    );
  });

  it("is empty for nothing and for a single byte", () => {
    const { table } = encoderOf("o200k_base");
    assert.deepEqual(replayMerges(table, new Uint8Array(0)).ids, []);
    assert.deepEqual(replayMerges(table, utf8.encode("a")), {
      startBorders: [0, 1],
      startIds: [64],
      merges: [],
      ids: [64],
      wholeWithoutMerges: false,
    });
  });
});

/** Every piece that the pre-tokeniser cuts a text into. */
function assertPieces(name: EncodingName, text: string): void {
  const { pieceEnd } = encoderOf(name).splitter;
  for (let at = 0; at < text.length; ) {
    const end = pieceEnd(text, at);
    assertReplay(name, text.slice(at, end));
    at = end;
  }
}
