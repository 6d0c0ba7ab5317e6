/** TeX -> a tree of MathML, by way of temml; elements and attributes that a formula does not need do not come through. */

import temml from "temml";
import type { MathNode } from "../../shared/panels/lesson.js";

const TAGS = new Set(
  "math mrow mi mn mo mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot mtable mtr mtd mstyle mpadded".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "display stretchy fence form separator movablelimits accent lspace rspace mathvariant width linethickness displaystyle scriptlevel".split(
    " ",
  ),
);
const PART = /<(\/?)([a-z]+)((?:\s+[a-z-]+="[^"]*")*)\s*(\/?)>|([^<]+)/g;
const ATTRIBUTE = /([a-z-]+)="([^"]*)"/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&#x27;": "'",
};

/**
 * Sets a formula.
 * @throws Error with temml's own message where the TeX cannot be read.
 */
export function setFormula(tex: string, display: boolean): MathNode {
  const markup = temml.renderToString(tex, { displayMode: display, throwOnError: true, trust: false });
  const root: MathNode = { tag: "mrow", attributes: {}, children: [] };
  const open = [root];
  for (const [, closing, tag, attributes, empty, text] of markup.matchAll(PART)) {
    const parent = open.at(-1) ?? root;
    if (text !== undefined) {
      if (text.trim() !== "")
        parent.children.push(text.replace(/&(?:lt|gt|amp|quot|#x27);/g, (name) => ENTITIES[name] ?? name));
    } else if (closing) open.pop();
    else {
      const node = nodeOf(tag ?? "", attributes ?? "");
      parent.children.push(node);
      if (!empty) open.push(node);
    }
  }
  const [math] = root.children;
  return typeof math === "object" ? math : root;
}

/** An element that is not known becomes a row of its children. */
function nodeOf(tag: string, attributes: string): MathNode {
  const known = [...attributes.matchAll(ATTRIBUTE)].flatMap(([, name = "", value = ""]) =>
    ATTRIBUTES.has(name) ? [[name, value] as const] : [],
  );
  return { tag: TAGS.has(tag) ? tag : "mrow", attributes: Object.fromEntries(known), children: [] };
}

/** What a reader of formulas knows without being told: signs of everyday sums, brackets and punctuation. */
const PLAIN = new Set([..."+−-=×·⋅/()[]{},.:;|∣′<>≤≥≈!…\u2061\u2062"]);
/** Elements that only group or space what is in them. */
const ROWS = new Set(["math", "mrow", "mstyle", "mpadded"]);
/** In a display a sum's limits stand above and below it, in a line beside it: the same limits. */
const SAME_AS: Readonly<Record<string, string>> = { munder: "msub", mover: "msup", munderover: "msubsup" };

export interface ExplainedFormula {
  /** The formula with its explained parts marked. */
  math: MathNode;
  /** Signs that no symbol explains, each once. */
  unexplained: string[];
  /** Which symbols do not occur, by their places. */
  unused: number[];
}

/** Finds the symbols in a formula; of symbols within one another, the larger counts. */
export function explainFormula(math: MathNode, symbols: readonly { forms: MathNode[] }[]): ExplainedFormula {
  const known = new Map<string, number>();
  for (const [at, { forms }] of symbols.entries()) for (const form of forms) known.set(keyOf([form]), at);
  const used = new Set<number>();
  const unexplained = new Set<string>();
  const mark = (nodes: readonly (MathNode | string)[]): (MathNode | string)[] => {
    const [only] = nodes;
    for (let length = nodes.length; length > 0; length--) {
      for (let from = 0; from + length <= nodes.length; from++) {
        const run = nodes.slice(from, from + length);
        const symbol = known.get(keyOf(run));
        if (symbol === undefined) continue;
        used.add(symbol);
        const [first] = run;
        const found: MathNode =
          run.length === 1 && typeof first === "object"
            ? { ...first, symbol }
            : { tag: "mrow", attributes: {}, children: run, symbol };
        return [...mark(nodes.slice(0, from)), found, ...mark(nodes.slice(from + length))];
      }
    }
    if (nodes.length > 1 || only === undefined) return nodes.flatMap((node) => mark([node]));
    return [typeof only === "object" ? within(only) : only];
  };
  const within = (node: MathNode): MathNode => {
    const text = node.children.filter((child) => typeof child === "string").join("");
    if ((node.tag === "mi" || node.tag === "mo") && !PLAIN.has(text)) unexplained.add(text);
    const elements = node.children.some((child) => typeof child === "object");
    if (!elements) return node;
    // A fraction's parts are not neighbours in a row: each is looked at on its own.
    const children = ROWS.has(node.tag)
      ? mark(node.children)
      : node.children.flatMap((child) => mark([child]));
    return { ...node, children };
  };
  const [marked] = mark([math]);
  return {
    math: typeof marked === "object" ? marked : math,
    unexplained: [...unexplained],
    unused: symbols.flatMap((_, at) => (used.has(at) ? [] : [at])),
  };
}

/** What nodes say, however they are grouped: equal for the same symbol in a line and in a display. */
function keyOf(nodes: readonly (MathNode | string)[]): string {
  return nodes
    .map((node) => {
      if (typeof node === "string") return node;
      const { tag, children } = node;
      if (tag === "mspace" || children.join("") === "\u2061") return "";
      if (ROWS.has(tag)) return keyOf(children);
      const parts = children.map((child) => keyOf([child]));
      return `<${SAME_AS[tag] ?? tag} ${parts.join("|")}>`;
    })
    .join("");
}
