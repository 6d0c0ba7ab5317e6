/** The sums of the budget's tree are those of its files, whatever was entered and taken out. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type BudgetFolder,
  BudgetTree,
  everyFile,
  filesOf,
  sortedChildren,
} from "../../../src/core/budget/budgetTree.js";

describe("The tree of the token budget", () => {
  it("adds files up in their folders", () => {
    const tree = new BudgetTree("root");
    tree.set("a.ts", { tokens: 1, bytes: 10 });
    tree.set("src/b.ts", { tokens: 2, bytes: 20 });
    tree.set("src/deep/c.ts", { tokens: 4, bytes: 40 });
    assert.equal(tree.root.tokens, 7);
    assert.equal(tree.root.files, 3);
    assert.equal((tree.node("src") as BudgetFolder).tokens, 6);
    tree.set("src/b.ts", { tokens: 5, bytes: 50 });
    assert.equal(tree.root.tokens, 10);
    assert.equal(tree.root.files, 3);
    assert.ok(tree.delete("src/deep/c.ts"));
    assert.equal(tree.node("src/deep"), undefined, "an empty folder goes");
    assert.ok(tree.delete("src"));
    assert.deepEqual([tree.root.tokens, tree.root.bytes, tree.root.files], [1, 10, 1]);
    assert.ok(!tree.delete("src"));
  });

  it("takes a file that becomes a folder, and a folder that becomes a file", () => {
    const tree = new BudgetTree("root");
    tree.set("x", { tokens: 3, bytes: 3 });
    tree.set("x/y", { tokens: 5, bytes: 5 });
    assert.deepEqual([tree.root.tokens, tree.root.files], [5, 1]);
    tree.set("x", { tokens: 7, bytes: 7 });
    assert.deepEqual([tree.root.tokens, tree.root.files], [7, 1]);
    assert.equal(tree.file("x")?.tokens, 7);
  });

  it("lists what was skipped until it is counted or goes", () => {
    const tree = new BudgetTree("root");
    tree.set("a/b.bin", { tokens: 3, bytes: 3 });
    tree.skip("a/b.bin", "binary");
    assert.equal(tree.root.files, 0);
    assert.deepEqual([...tree.skipped], [["a/b.bin", "binary"]]);
    tree.set("a/b.bin", { tokens: 1, bytes: 1 });
    assert.equal(tree.skipped.size, 0);
    tree.skip("a/b.bin", "huge");
    assert.ok(tree.delete("a"));
    assert.equal(tree.skipped.size, 0);
  });

  it("sorts by tokens, or folders before files by name", () => {
    const tree = new BudgetTree("root");
    for (const [path, tokens] of [
      ["b10.ts", 5],
      ["b9.ts", 1],
      ["z/a.ts", 3],
    ] as const) {
      tree.set(path, { tokens, bytes: 1 });
    }
    const names = (order: "tokens" | "name") => sortedChildren(tree.root, order).map(({ name }) => name);
    assert.deepEqual(names("tokens"), ["b10.ts", "z", "b9.ts"]);
    assert.deepEqual(names("name"), ["z", "b9.ts", "b10.ts"]);
  });

  it("has the sums of a plain map after any steps", () => {
    const part = fc.constantFrom("a", "b", "c");
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const step = fc.oneof(
      fc.record({ set: path, tokens: fc.nat(1000), bytes: fc.nat(5000) }),
      fc.record({ skip: path }),
      fc.record({ delete: path }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const tree = new BudgetTree("root");
        const plain = new Map<string, { tokens: number; bytes: number }>();
        const drop = (gone: string) => {
          for (const key of plain.keys()) if (key === gone || key.startsWith(`${gone}/`)) plain.delete(key);
        };
        for (const each of steps) {
          if ("set" in each) {
            const { tokens, bytes } = each;
            drop(each.set);
            // A file on the way to it becomes a folder.
            const parts = each.set.split("/");
            for (let i = 1; i < parts.length; i++) plain.delete(parts.slice(0, i).join("/"));
            plain.set(each.set, { tokens, bytes });
            tree.set(each.set, { tokens, bytes });
          } else if ("skip" in each) {
            drop(each.skip);
            tree.skip(each.skip, "binary");
          } else {
            drop(each.delete);
            tree.delete(each.delete);
          }
        }
        const files = [...filesOf(tree.root)];
        assert.deepEqual(new Map(files.map(({ path: at, tokens, bytes }) => [at, { tokens, bytes }])), plain);
        assertSums(tree.root);
        for (const limit of [0, 500, 1001]) {
          const below = (file: { tokens: number }) => file.tokens < limit;
          assert.equal(everyFile(tree.root, below), files.length > 0 && files.every(below));
        }
      }),
    );
  });

  function assertSums(folder: BudgetFolder): void {
    let [tokens, bytes, files] = [0, 0, 0];
    for (const child of folder.children.values()) {
      assert.equal(child.parent, folder);
      tokens += child.tokens;
      bytes += child.bytes;
      files += child.kind === "file" ? 1 : child.files;
      if (child.kind === "file") continue;
      assert.ok(child.files > 0, "no folder without a file");
      assertSums(child);
    }
    assert.deepEqual([folder.tokens, folder.bytes, folder.files], [tokens, bytes, files]);
  }
});
