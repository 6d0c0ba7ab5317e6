/**
 * The roads that were taken from one prompt: a tree of tokens, of which one place is where the reader stands. Trees
 * are never changed: each step makes a new one, which shares what is old.
 */

/** What a step must say of itself, whatever else it carries. */
export interface TreeStep {
  /** The token's id in the vocabulary. */
  id: number;
  /** The probability that the model gave it, before any stage; above 0. */
  before: number;
}

export interface TreeNode<Step extends TreeStep> {
  /** Its place in `GenerationTree.nodes`, which never changes; the prompt itself has none and is `ROOT`. */
  index: number;
  parent: number;
  step: Step;
}

/** Steps without a fork between them, as an outline shows them in one row. */
export interface TreeRow<Step extends TreeStep> {
  /** Forks on the way to it. */
  depth: number;
  /** At least one, each the only child of the one before it. */
  nodes: TreeNode<Step>[];
  /** Whether nothing follows. */
  leaf: boolean;
}

/** Where every road begins: behind the prompt. */
export const ROOT = -1;

export class GenerationTree<Step extends TreeStep> {
  readonly nodes: readonly TreeNode<Step>[];
  readonly #children: ReadonlyMap<number, readonly number[]>;

  private constructor(nodes: readonly TreeNode<Step>[], children: ReadonlyMap<number, readonly number[]>) {
    this.nodes = nodes;
    this.#children = children;
  }

  static empty<Step extends TreeStep>(): GenerationTree<Step> {
    return new GenerationTree<Step>([], new Map());
  }

  /** Indices of what follows a place, oldest first. */
  childrenOf(index: number): readonly number[] {
    return this.#children.get(index) ?? [];
  }

  /**
   * One token more behind `parent`. Where that token follows there already, the road is walked again: the node keeps
   * its place and what follows it, and its step becomes the new one.
   * @throws RangeError for a parent that the tree does not have.
   */
  grown(parent: number, step: Step): { tree: GenerationTree<Step>; index: number } {
    if (parent !== ROOT && !this.nodes[parent]) throw new RangeError(`There is no node ${parent}.`);
    const siblings = this.childrenOf(parent);
    const known = siblings.find((index) => this.nodes[index]?.step.id === step.id);
    const index = known ?? this.nodes.length;
    const nodes = [...this.nodes];
    nodes[index] = { index, parent, step };
    const children =
      known === undefined ? new Map(this.#children).set(parent, [...siblings, index]) : this.#children;
    return { tree: new GenerationTree(nodes, children), index };
  }

  /** The steps from the prompt to a place; none for the prompt itself. */
  pathTo(index: number): TreeNode<Step>[] {
    const path: TreeNode<Step>[] = [];
    for (let at = index; at !== ROOT; ) {
      const node = this.nodes[at];
      if (!node) throw new RangeError(`There is no node ${at}.`);
      path.push(node);
      at = node.parent;
    }
    return path.reverse();
  }

  /** What the model gave the road to a place as a whole: the sum of the natural logarithms of its steps. */
  logProbability(index: number): number {
    return this.pathTo(index).reduce((sum, { step }) => sum + Math.log(step.before), 0);
  }

  /** The ends of all roads, in the order of the outline. */
  leaves(): number[] {
    return this.rows().flatMap(({ leaf, nodes }) => (leaf ? [nodes.at(-1)!.index] : []));
  }

  /** The tree as an outline: a row for each stretch without a fork, what follows a fork below it, oldest first. */
  rows(): TreeRow<Step>[] {
    const rows: TreeRow<Step>[] = [];
    const waiting = [...this.childrenOf(ROOT)].reverse().map((index) => ({ index, depth: 0 }));
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const nodes: TreeNode<Step>[] = [];
      let following: readonly number[] = [next.index];
      while (following.length === 1) {
        const node = this.nodes[following[0]!]!;
        nodes.push(node);
        following = this.childrenOf(node.index);
      }
      rows.push({ depth: next.depth, nodes, leaf: following.length === 0 });
      const depth = next.depth + 1;
      waiting.push(...[...following].reverse().map((index) => ({ index, depth })));
    }
    return rows;
  }

  /** How many steps two roads have in common from the prompt on. */
  sharedSteps(one: number, other: number): number {
    const [first, second] = [this.pathTo(one), this.pathTo(other)];
    let shared = 0;
    while (shared < first.length && first[shared]?.index === second[shared]?.index) shared++;
    return shared;
  }
}
