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
