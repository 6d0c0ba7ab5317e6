/** Splits a selection into steps by its syntax tree: code, markup, style sheets, queries and data alike. */

import { insideOf } from "./insideOf.js";
import { COMMENT, declares, isDocstring, kindOf } from "./kinds.js";
import { closingLength, MAX_STEP_LINES, MAX_STEPS, type Piece, reducePieces, sizeOf } from "./steps.js";
import type { Surroundings } from "./surroundings.js";
import { namedChildren, type Parse, type SyntaxNode } from "./syntax.js";

/** A declaration that stands among others is one step up to this many lines. */
const MAX_DECLARATION_LINES = 30;
/** Constructs that are looked into before what is found has to do. */
const MOST_OPENED = 40;
/** Constructs inside of one another that are opened when each is the only one. */
const DEEPEST_ONLY = 20;
/** Where there are fewer steps than this, constructs that are half as long are opened. */
const FEW_STEPS = 5;
/** A construct is opened only where there is room for so many steps inside it. */
const FEWEST_INSIDE = 3;
/** Nodes with errors that are looked at before a parse counts as broken. */
const MOST_ERRORS = 5000;

/** Signs before a declaration that belong to it although the tree has them beside it. */
const LEADING = /^(?:decorator|attribute_item|inner_attribute_item|access_specifier|hash_bang_line|php_tag)$/;
const ANNOTATION = /^(?:decorator|annotation|marker_annotation|attribute_list|attribute_item|attribute)$/;

interface Item extends Piece {
  /** What can be opened; undefined for heads and for pieces that were joined. */
  node: SyntaxNode | undefined;
}

/** The text of the steps, and where it begins in the source that was parsed. */
interface Selection {
  text: string;
  offset: number;
}

function startOf({ text, offset }: Selection, node: SyntaxNode): number {
  let at = Math.max(0, node.startIndex - offset);
  while (at < text.length && /[\s,;]/.test(text[at]!)) at++;
  return at;
}

function endOf({ text, offset }: Selection, node: SyntaxNode): number {
  let end = Math.min(node.endIndex - offset, text.length);
  while (end > 0 && /\s/.test(text[end - 1]!)) end--;
  return end;
}

/** Where the declaration itself begins, behind its decorators and annotations. */
function titleStart({ text, offset }: Selection, node: SyntaxNode): number {
  let at = node.startIndex;
  for (const child of namedChildren(node)) {
    const parts = child.type === "modifiers" ? namedChildren(child) : [child];
    for (const part of parts) if (ANNOTATION.test(part.type)) at = part.endIndex;
    if (child.type !== "modifiers" && !ANNOTATION.test(child.type) && !COMMENT.test(child.type)) break;
  }
  let start = Math.max(0, at - offset);
  while (start < text.length && /[\s,;]/.test(text[start]!)) start++;
  return start;
}

function kindInText({ text }: Selection, node: SyntaxNode, start: number): string {
  if (!/^(?:block|compound_statement|statement_block)$/.test(node.type)) return kindOf(node);
  return /\belse\s*$/.test(text.slice(Math.max(0, start - 20), start)) ? "condition" : "block";
}

/** The statements of a block, each with the comments and attributes that stand directly above it. */
function itemsOf(selection: Selection, nodes: readonly SyntaxNode[]): Item[] {
  const { text } = selection;
  const items: Item[] = [];
  let lead: { start: number; end: number; kind: string } | undefined;
  const pushLead = () => {
    if (lead) items.push({ ...lead, node: undefined });
    lead = undefined;
  };
  for (const node of nodes) {
    const start = startOf(selection, node);
    const end = endOf(selection, node);
    // Brackets and tags that only close something belong to what they close.
    if (end <= start || closingLength(text.slice(start, end)) === end - start) continue;
    const previous = items.at(-1);
    if (COMMENT.test(node.type) || LEADING.test(node.type)) {
      // A comment behind a statement on its line belongs to that statement.
      if (!lead && previous && COMMENT.test(node.type) && !text.slice(previous.end, start).includes("\n")) {
        previous.end = Math.max(previous.end, end);
        continue;
      }
      const isApart = lead?.kind === "comment" && /\n[^\S\n]*\n/.test(text.slice(lead.end, start));
      if (isApart) pushLead();
      lead = lead
        ? { ...lead, end }
        : { start, end, kind: COMMENT.test(node.type) ? "comment" : kindOf(node) };
      continue;
    }
    const titleAt = Math.max(start, titleStart(selection, node));
    items.push({ node, kind: kindInText(selection, node, start), start: lead?.start ?? start, end, titleAt });
    lead = undefined;
  }
  pushLead();
  return items;
}

const OPENED_KINDS: Readonly<Record<string, string>> = { function: "signature" };

/** In Rust a body's last expression is what it returns. */
function markResult(item: Item, inner: Item[]): void {
  const last = inner.at(-1);
  if (item.kind !== "function" || !last?.node || /_statement$|_declaration$/.test(last.node.type)) return;
  if (item.node?.type !== "function_item") return;
  if (/^(?:expression|call|text|statement)$/.test(last.kind)) last.kind = "return";
}

/** Opens a construct into its head and the statements inside; undefined when there is nothing inside. */
function opened(selection: Selection, item: Item): Item[] | undefined {
  if (!item.node) return undefined;
  const { text } = selection;
  const inner = itemsOf(selection, insideOf(item.node))
    .filter(({ start, end }) => start >= item.start && end <= item.end)
    // In SQL's tree the joins and filters are inside of FROM; to a reader they stand beside it.
    .flatMap((part) => (part.node?.type === "from" ? (opened(selection, part) ?? [part]) : [part]));
  const first = inner[0];
  if (!first || (inner.length === 1 && first.start === item.start && first.end === item.end)) {
    return first?.node && first.node !== item.node ? opened(selection, first) : undefined;
  }
  markResult(item, inner);
  let head = text.slice(item.start, first.start).trimEnd();
  if (head !== "" && first.node && isDocstring(first.node)) {
    inner.shift();
    head = text.slice(item.start, first.end);
    if (inner.length === 0) return undefined;
  }
  inner.at(-1)!.end = item.end;
  // A bracket alone is no step, nor is a comment above something that begins with its first part, nor is WITH.
  const isBare =
    !/[\p{L}\p{N}_$<]/u.test(head) ||
    (item.kind === "query" && /(?:^|\n)\s*with(?:\s+recursive)?$/i.test(head));
  if (isBare || first.start <= startOf(selection, item.node)) {
    inner[0] = { ...inner[0]!, start: item.start };
    return inner;
  }
  const kind = OPENED_KINDS[item.kind] ?? item.kind;
  return [{ ...item, node: undefined, kind, end: item.start + head.length }, ...inner];
}

/** Imports in a row are one step. */
function joinImports(items: readonly Item[]): Item[] {
  const joined: Item[] = [];
  for (const item of items) {
    const previous = joined.at(-1);
    if (item.kind === "import" && previous?.kind === "import") {
      joined[joined.length - 1] = { ...previous, node: undefined, end: item.end };
    } else joined.push({ ...item });
  }
  return joined;
}

/**
 * Characters that the parser could not place, plus one for each token that it had to invent. What it did understand
 * inside of something that it could not place does not count, such as the methods of a class that is never closed.
 */
function errorWeight(root: SyntaxNode): number {
  let weight = 0;
  let seen = 0;
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (++seen > MOST_ERRORS) return Number.POSITIVE_INFINITY;
    if (node.isMissing) weight += 1;
    else if (node.isError) {
      const understood = namedChildren(node).filter((child) => !child.isError && child.namedChildCount > 0);
      const placed = understood.reduce((sum, child) => sum + child.endIndex - child.startIndex, 0);
      weight += Math.max(1, node.endIndex - node.startIndex - placed);
      waiting.push(...understood.filter((child) => child.hasError));
    } else if (node.hasError) for (const child of node.children) if (child) waiting.push(child);
  }
  return weight;
}

/**
 * The outermost nodes that begin inside the selection, in the code that was put around it. What the parser could
 * not place is taken apart, so that the statements in it are found.
 */
function selectedNodes(root: SyntaxNode, start: number, end: number): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const visit = (node: SyntaxNode, depth: number) => {
    for (const child of namedChildren(node)) {
      if (child.endIndex <= start || child.startIndex >= end) continue;
      const isWhole = child.startIndex >= start && !(child.isError && child.text.trim().includes("\n"));
      if (isWhole || depth > 50 || (child.startIndex >= start && child.namedChildren.length === 0)) {
        if (child.startIndex >= start) found.push(child);
      } else visit(child, depth + 1);
    }
  };
  visit(root, 0);
  return found;
}

/** Opens what is too long, the longest first, while there is room for what is inside. */
function openLong(selection: Selection, all: Item[]): Item[] {
  const { text } = selection;
  const items = [...all];
  const sizes = new Map(items.map((item) => [item, sizeOf(text, item.start, item.end)]));
  const closed = new Set<Item>();
  const limitOf = (item: Item) => {
    if (items.length > 1 && declares(item.kind)) return MAX_DECLARATION_LINES;
    return items.length < FEW_STEPS ? MAX_STEP_LINES / 2 : MAX_STEP_LINES;
  };
  for (let tries = 0; tries < MOST_OPENED && MAX_STEPS - items.length >= FEWEST_INSIDE - 1; tries++) {
    let longest: Item | undefined;
    for (const item of items) {
      if (!item.node || closed.has(item) || sizes.get(item)! <= limitOf(item)) continue;
      if (!longest || sizes.get(item)! > sizes.get(longest)!) longest = item;
    }
    if (!longest) break;
    const inside = opened(selection, longest);
    if (!inside) {
      closed.add(longest);
      continue;
    }
    const room = MAX_STEPS - items.length + 1;
    const fitting = inside.length > room ? joinedToFit(text, inside, room) : inside;
    for (const item of fitting) sizes.set(item, sizeOf(text, item.start, item.end));
    items.splice(items.indexOf(longest), 1, ...fitting);
  }
  return items;
}

function joinedToFit(text: string, items: readonly Item[], most: number): Item[] {
  return reducePieces(text, items, most).map((item) =>
    items.includes(item) ? item : { ...item, node: undefined },
  );
}

/**
 * Splits code into pieces: a single function or class into its signature and statements, several declarations
 * into one piece each; long loops and conditions are opened.
 * @param attempts ways to parse it, in order of preference; the first one without errors is taken, else the one
 *   with the fewest.
 * @param mayGoOn asked before each attempt but the first.
 * @returns undefined when hardly anything of the text could be parsed.
 */
export function splitSyntax(
  text: string,
  parse: Parse,
  attempts: readonly Surroundings[],
  mayGoOn: () => boolean = () => true,
): Piece[] | undefined {
  let best: { nodes: SyntaxNode[]; offset: number; weight: number } | undefined;
  for (const [i, { before, after }] of attempts.entries()) {
    if (i > 0 && !mayGoOn()) break;
    const root = parse(before + text + after);
    if (!root) continue;
    const weight = errorWeight(root);
    if (best && weight >= best.weight) continue;
    const nodes = selectedNodes(root, before.length, before.length + text.length);
    if (nodes.length > 0) best = { nodes, offset: before.length, weight };
    if (weight === 0 && nodes.length > 0) break;
  }
  if (!best || best.weight > text.length / 3) return undefined;

  const selection = { text, offset: best.offset };
  let items = itemsOf(selection, best.nodes);
  const heads: Item[] = [];
  // What stands before the construct that a selection is about.
  const isPreface = ({ kind, node }: Item) =>
    kind === "comment" || kind === "import" || node?.type === "file_scoped_namespace_declaration";
  for (let depth = 0; depth < DEEPEST_ONLY; depth++) {
    const only = items.filter((item) => !isPreface(item));
    if (only.length !== 1 || sizeOf(text, only[0]!.start, only[0]!.end) <= 1) break;
    const inside = opened(selection, only[0]!);
    if (!inside) break;
    const at = items.indexOf(only[0]!);
    heads.push(...items.slice(0, at));
    const tail = items.slice(at + 1);
    if (inside[0]!.node === undefined) heads.push(inside.shift()!);
    items = [...inside, ...tail];
    if (tail.length > 0) break;
  }
  const pieces = joinImports([...heads, ...items]);
  return openLong(selection, pieces);
}
