/** What is made at its first use: once for all who ask, and anew where it could not be made. */

import assert from "node:assert/strict";
import { once } from "../../src/shared/once.js";

describe("What is made at its first use", () => {
  it("is made once, for those too who ask while it is made", async () => {
    let count = 0;
    const get = once(async () => ({ number: ++count }));
    assert.equal(count, 0, "nobody has asked");
    const [first, second] = await Promise.all([get(), get()]);
    assert.equal(first, second);
    assert.equal(await get(), first);
    assert.equal(count, 1);
  });

  it("is tried again after it has failed, and kept once it could be made", async () => {
    let count = 0;
    const get = once(async () => {
      count++;
      if (count < 3) throw new Error(`No ${count}`);
      return count;
    });
    await assert.rejects(Promise.all([get(), get()]), { message: "No 1" });
    assert.equal(count, 1, "both waited for the same");
    await assert.rejects(get(), { message: "No 2" });
    assert.equal(await get(), 3);
    assert.equal(await get(), 3);
  });

  it("is made anew once it is forgotten, and a failure of what was forgotten takes nothing away", async () => {
    const makings: { resolve(made: number): void; reject(error: Error): void }[] = [];
    const get = once(() => new Promise<number>((resolve, reject) => makings.push({ resolve, reject })));
    const first = get();
    get.forget();
    const second = get();
    makings[0]!.reject(new Error("No"));
    await assert.rejects(first, { message: "No" });
    assert.equal(get(), second);
    makings[1]!.resolve(2);
    assert.equal(await get(), 2);
    assert.equal(makings.length, 2);
  });
});
