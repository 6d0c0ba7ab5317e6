/** The tree of roads: what it keeps, how it is laid out, what a road's probability is. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { GenerationTree, ROOT, type TreeStep } from "../../../src/core/sampling/generationTree.js";

const empty = () => GenerationTree.empty<TreeStep>();

/** Steps from any place that there is: which one, and which token. */
const walks = fc.array(
  fc.record({
    from: fc.nat(),
    id: fc.nat({ max: 3 }),
    before: fc.double({ min: 0.001, max: 1, noNaN: true }),
  }),
  { maxLength: 40 },
);

function grow(steps: readonly { from: number; id: number; before: number }[]) {
  let tree = empty();
  for (const { from, id, before } of steps) {
    ({ tree } = tree.grown((from % (tree.nodes.length + 1)) - 1, { id, before }));
  }
  return tree;
}

describe("the tree of a generation", () => {
  it("walks a road again where the same token follows, and keeps what is behind it", () => {
    const first = empty().grown(ROOT, { id: 7, before: 0.5 });
    const second = first.tree.grown(first.index, { id: 8, before: 0.25 });
    const again = second.tree.grown(ROOT, { id: 7, before: 0.5 });
    assert.equal(again.index, first.index);
    assert.equal(again.tree.nodes.length, 2);
    assert.deepEqual(again.tree.childrenOf(first.index), [second.index]);
    const fork = again.tree.grown(ROOT, { id: 9, before: 0.125 });
    assert.deepEqual(fork.tree.childrenOf(ROOT), [first.index, fork.index]);
    assert.equal(first.tree.nodes.length, 1, "trees are never changed");
  });

  it("multiplies the probabilities of a road", () => {
    let tree = empty();
    let at = ROOT;
    for (const before of [0.5, 0.25, 0.125]) ({ tree, index: at } = tree.grown(at, { id: 1, before }));
    assert.ok(Math.abs(tree.logProbability(at) - Math.log(1 / 64)) < 1e-12);
    assert.equal(tree.logProbability(ROOT), 0);
  });

  it("refuses a place that it does not have", () => {
    assert.throws(() => empty().grown(0, { id: 1, before: 1 }), RangeError);
    assert.throws(() => empty().pathTo(3), RangeError);
  });

  it("lays every node out once, behind its parent, with a row for each stretch without a fork", () => {
    fc.assert(
      fc.property(walks, (steps) => {
        const tree = grow(steps);
        const rows = tree.rows();
        const laid = rows.flatMap(({ nodes }) => nodes.map(({ index }) => index));
        assert.deepEqual(
          [...laid].sort((a, b) => a - b),
          tree.nodes.map(({ index }) => index),
        );
        const seen = new Set([ROOT]);
        for (const { nodes, depth, leaf } of rows) {
          assert.ok(seen.has(nodes[0]!.parent));
          nodes.forEach((node, at) => {
            if (at > 0) {
              assert.equal(node.parent, nodes[at - 1]!.index);
              assert.equal(tree.childrenOf(node.parent).length, 1);
            }
            seen.add(node.index);
          });
          assert.equal(leaf, tree.childrenOf(nodes.at(-1)!.index).length === 0);
          const path = tree.pathTo(nodes[0]!.index);
          const forks = path.filter(({ parent }) => parent !== ROOT && tree.childrenOf(parent).length > 1);
          assert.equal(depth, forks.length);
        }
      }),
    );
  });

  it("holds no token twice behind one place, and shares as much of two roads as their ids do", () => {
    fc.assert(
      fc.property(walks, fc.nat(), fc.nat(), (steps, a, b) => {
        const tree = grow(steps);
        for (let index = ROOT; index < tree.nodes.length; index++) {
          const ids = tree.childrenOf(index).map((child) => tree.nodes[child]!.step.id);
          assert.equal(new Set(ids).size, ids.length);
        }
        const leaves = tree.leaves();
        if (leaves.length === 0) return;
        const [one, other] = [leaves[a % leaves.length]!, leaves[b % leaves.length]!];
        const ids = (leaf: number) => tree.pathTo(leaf).map(({ step }) => step.id);
        const [first, second] = [ids(one), ids(other)];
        let shared = 0;
        while (shared < Math.min(first.length, second.length) && first[shared] === second[shared]) shared++;
        assert.equal(tree.sharedSteps(one, other), shared);
      }),
    );
  });
});
