/** Counts are known by what a file holds, and by its time and size without reading it. */

import assert from "node:assert/strict";
import { CountCache } from "../../../src/core/budget/countCache.js";

describe("The counts of files that are kept", () => {
  it("are known without reading while time and size stay, and not otherwise", () => {
    const cache = new CountCache();
    cache.set("file:///a", 1000, 20, "hash of a", 5);
    assert.equal(cache.ofFile("file:///a", 1000, 20), 5);
    assert.equal(cache.ofFile("file:///a", 1001, 20), undefined);
    assert.equal(cache.ofFile("file:///a", 1000, 21), undefined);
    assert.equal(cache.ofFile("file:///b", 1000, 20), undefined);
  });

  it("are those of the content, in whichever file it is found again", () => {
    const cache = new CountCache();
    cache.set("file:///a", 1000, 20, "first", 5);
    cache.set("file:///a", 2000, 30, "second", 8);
    assert.equal(cache.ofFile("file:///a", 1000, 20), undefined, "it is no longer that");
    assert.equal(cache.ofContent("first"), 5, "a branch that is gone back to");
    cache.set("file:///moved", 3000, 20, "first", 5);
    assert.equal(cache.ofFile("file:///moved", 3000, 20), 5);
    assert.equal(cache.ofContent("third"), undefined);
  });

  it("tell a binary file, and an empty one, from one that is not known", () => {
    const cache = new CountCache();
    cache.set("file:///image", 1, 2, "bytes", null);
    cache.set("file:///empty", 1, 0, "nothing", 0);
    assert.equal(cache.ofFile("file:///image", 1, 2), null);
    assert.equal(cache.ofContent("bytes"), null);
    assert.equal(cache.ofFile("file:///empty", 1, 0), 0);
  });

  it("are the same after they were written and read, also of files named like parts of an object", () => {
    const cache = new CountCache();
    cache.set("constructor", 1, 2, "toString", 7);
    cache.set("file:///ä 中", 3, 4, "bytes", null);
    const again = CountCache.read(cache.written());
    assert.equal(again.ofFile("constructor", 1, 2), 7);
    assert.equal(again.ofFile("file:///ä 中", 3, 4), null);
    assert.equal(again.ofFile("toString", 1, 2), undefined);
    assert.equal(again.written(), cache.written());
  });

  it("are not read from something else", () => {
    for (const text of ["", "{", "null", "{}", '{"files":{}}']) {
      assert.throws(
        () => CountCache.read(text),
        (error) => error instanceof SyntaxError || error instanceof TypeError,
        text,
      );
    }
  });

  it("forget what was asked for longest ago, and stay bounded", function () {
    this.timeout(20_000);
    const cache = new CountCache();
    for (let i = 0; i < 200_000; i++) cache.set(`file ${i}`, i, 1, `content ${i}`, i);
    assert.equal(cache.ofContent("content 0"), 0);
    cache.set("one more", 1, 1, "one more", 1);
    assert.equal(cache.ofContent("content 0"), 0, "it was asked for just now");
    assert.equal(cache.ofContent("content 1"), undefined);
    assert.equal(cache.ofFile("file 1", 1, 1), undefined);
    assert.equal(cache.ofContent("one more"), 1);
  });
});
