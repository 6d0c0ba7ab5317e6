/** Splits a selection of code into steps by its syntax tree. */

import { countLines, MAX_STEP_LINES, type Piece } from "./steps.js";
import { namedChildren, type Parse, type SyntaxNode } from "./syntax.js";

/** Code around a selection that makes it parse where it cannot stand alone, such as a method without its class. */
export interface Surroundings {
  before: string;
  after: string;
}

export const ALONE: Surroundings = { before: "", after: "" };

const COMMENT = /comment/;
/** Nodes whose children are statements, declarations or cases. */
const BLOCK =
  /^(?:block|statement_block|compound_statement|class_body|interface_body|enum_body|constructor_body|declaration_list|field_declaration_list|enum_member_declaration_list|statement_list|body_statement|block_body|then|else|do|do_group|switch_body|switch_block|match_block|suite|object_type|keyframe_block_list|accessor_list|enumerator_list|enum_variant_list|field_initializer_list)$/;
const FUNCTION = /function|method|lambda|arrow|constructor|func_literal|closure|accessor_declaration/;
const CLASS = /^(?:abstract_)?(?:class|struct|union|record|object|module|namespace|trait|impl)(?:_|$)/;

/** Kinds in words by the grammar's node names, tried in order. */
const KINDS: readonly [kind: string, type: RegExp][] = [
  ["comment", COMMENT],
  ["import", /import|^use_declaration|using_directive|preproc_include|^package_|require|^namespace_use/],
  ["loop", /^(?:for|foreach|while|do|loop|until|enhanced_for|for_range|c_style_for|repeat)(?:_|$)/],
  [
    "condition",
    /^(?:if|unless|switch|match|case|else|elif|elsif|elseif|when|guard|ternary|conditional|select|type_switch|expression_switch|expression_case|default_case|switch_case|switch_default|in_clause)(?:_|$)/,
  ],
  ["error handling", /^(?:try|catch|except|finally|throw|raise|rescue|begin|ensure|panic|defer)(?:_|$)/],
  ["return", /^(?:return|yield)(?:_|$)/],
  ["jump", /^(?:break|continue|goto|next|redo|pass)(?:_|$)/],
  ["class", CLASS],
  ["type", /^(?:type_alias|type_declaration|type_definition|interface|enum|typedef|alias)/],
  ["function", FUNCTION],
  ["rule", /^(?:rule_set|at_rule|media_statement|keyframes_statement|supports_statement)$/],
  ["assertion", /^assert/],
  ["assignment", /assignment|update_expression|inc_statement|dec_statement|augmented|compound_assignment/],
  [
    "declaration",
    /declaration|declarator|let|variable|const|field_definition|property|static_item|global_statement|short_var/,
  ],
  [
    "call",
    /call|invocation|command|pipeline|await|new_expression|object_creation|macro_invocation|echo|print/,
  ],
  ["text", /string|template|jsx/],
  ["expression", /expression|identifier|literal|operator|binary|number|integer|constant/],
];

/** Looks through wrappers that say nothing about what a statement does. */
function essence(node: SyntaxNode): SyntaxNode {
  const inner = namedChildren(node).filter((child) => !COMMENT.test(child.type));
  switch (node.type) {
    case "export_statement":
    case "decorated_definition":
    case "template_declaration": {
      const declaration =
        node.childForFieldName("declaration") ?? node.childForFieldName("definition") ?? inner.at(-1);
      return declaration ? essence(declaration) : node;
    }
    case "expression_statement":
    case "await_expression":
    case "parenthesized_expression":
    case "statement":
    case "global_statement":
      return inner[0] ? essence(inner[0]) : node;
    case "lexical_declaration":
    case "variable_declaration":
    case "variable_declarator":
    case "public_field_definition":
    case "field_definition": {
      const value = inner.length === 1 && inner[0]?.type === "variable_declarator" ? inner[0] : node;
      const assigned = value.childForFieldName("value");
      return assigned && (FUNCTION.test(assigned.type) || /^class$/.test(assigned.type)) ? assigned : node;
    }
    default:
      return node;
  }
}

function kindOf(node: SyntaxNode): string {
  const { type } = essence(node);
  // A Python docstring is a string that stands alone.
  if (type === "string" && node.type === "expression_statement") return "comment";
  return KINDS.find(([, pattern]) => pattern.test(type))?.[0] ?? "statement";
}

interface Item extends Piece {
  node: SyntaxNode;
}

/** The statements of a block, each with the comments that stand directly above it. */
function itemsOf(nodes: readonly SyntaxNode[], text: string, offset: number): Item[] {
  const items: Item[] = [];
  let comment: SyntaxNode | undefined;
  const push = (node: SyntaxNode, start: number) => {
    const end = node.endIndex - offset;
    items.push({ node, kind: kindOf(node), start, end, titleAt: node.startIndex - offset });
  };
  for (const node of nodes) {
    const start = node.startIndex - offset;
    const previous = items.at(-1);
    if (COMMENT.test(node.type)) {
      const gap = text.slice(previous?.end ?? 0, start);
      // A comment behind a statement on its line belongs to that statement.
      if (!comment && previous && !gap.includes("\n")) previous.end = node.endIndex - offset;
      else if (comment && /\n[^\S\n]*\n/.test(text.slice(comment.endIndex - offset, start))) {
        push(comment, comment.startIndex - offset);
        comment = node;
      } else comment ??= node;
      continue;
    }
    if (node.type === "empty_statement" || node.startIndex === node.endIndex) continue;
    push(node, comment ? comment.startIndex - offset : start);
    comment = undefined;
  }
  if (comment) {
    const last = nodes.at(-1)!;
    items.push({
      node: comment,
      kind: "comment",
      start: comment.startIndex - offset,
      end: last.endIndex - offset,
    });
  }
  return items;
}

/** The outermost blocks inside a node: a function's body, the branches of an `if`, the callback of a call. */
function blocksIn(node: SyntaxNode): SyntaxNode[] {
  return namedChildren(node).flatMap((child) => {
    if (!BLOCK.test(child.type)) return blocksIn(child);
    const only = namedChildren(child);
    return only.length === 1 && only[0]!.type === "statement_list" ? [only[0]!] : [child];
  });
}

const OPENED_KINDS: Readonly<Record<string, string>> = { function: "signature", class: "class" };

/** Opens a construct into its head and the statements inside; undefined when there is nothing inside. */
function opened(item: Item, text: string, offset: number): Item[] | undefined {
  const inner = blocksIn(item.node).flatMap((block) => itemsOf(namedChildren(block), text, offset));
  const first = inner[0];
  if (!first) return undefined;
  const head = text.slice(item.start, first.start).trimEnd();
  if (head === "") return inner;
  return [{ ...item, kind: OPENED_KINDS[item.kind] ?? item.kind, end: item.start + head.length }, ...inner];
}

/** Opens what is too long, as deep as it takes. */
function openLong(
  items: readonly Item[],
  text: string,
  offset: number,
  mayOpen: (item: Item) => boolean,
): Item[] {
  return items.flatMap((item) => {
    if (countLines(text, item.start, item.end) <= MAX_STEP_LINES || !mayOpen(item)) return [item];
    const inside = opened(item, text, offset);
    if (!inside) return [item];
    const [head, ...rest] = inside;
    return [head!, ...openLong(rest, text, offset, () => true)];
  });
}

/** Imports in a row are one step. */
function joinImports(items: readonly Item[]): Item[] {
  const joined: Item[] = [];
  for (const item of items) {
    const previous = joined.at(-1);
    if (item.kind === "import" && previous?.kind === "import") previous.end = item.end;
    else joined.push({ ...item });
  }
  return joined;
}

/** Characters that the parser could not place, plus one for each token that it had to invent. */
function errorWeight(node: SyntaxNode): number {
  if (node.isMissing) return 1;
  if (node.isError) return Math.max(1, node.endIndex - node.startIndex);
  if (!node.hasError) return 0;
  return node.children.reduce((sum, child) => sum + (child ? errorWeight(child) : 0), 0);
}

/** The statements of the selection inside the code that was put around it. */
function selectedNodes(node: SyntaxNode, start: number, end: number): SyntaxNode[] {
  const around = namedChildren(node).find((child) => child.startIndex < start && child.endIndex >= end);
  if (around) return selectedNodes(around, start, end);
  return namedChildren(node).filter((child) => child.startIndex >= start && child.endIndex <= end);
}

/**
 * Splits code into pieces: a single function or class into its signature and statements, several declarations
 * into one piece each; long loops and conditions are opened.
 * @param attempts ways to parse it, in order of preference; the first one without errors is taken, else the one
 *   with the fewest.
 * @returns undefined when hardly anything of the text could be parsed.
 */
export function splitSyntax(
  text: string,
  parse: Parse,
  attempts: readonly Surroundings[],
): Piece[] | undefined {
  let best: { nodes: SyntaxNode[]; offset: number; weight: number } | undefined;
  for (const { before, after } of attempts) {
    const root = parse(before + text + after);
    if (!root) continue;
    const weight = errorWeight(root);
    if (best && weight >= best.weight) continue;
    const nodes =
      before === "" ? namedChildren(root) : selectedNodes(root, before.length, before.length + text.length);
    if (nodes.length > 0) best = { nodes, offset: before.length, weight };
    if (weight === 0 && nodes.length > 0) break;
  }
  if (!best || best.weight > text.length / 3) return undefined;

  const { offset } = best;
  let items = itemsOf(best.nodes, text, offset);
  const heads: Item[] = [];
  const several = items.filter((item) => item.kind !== "comment").length > 1;
  while (items.length === 1 && countLines(text, items[0]!.start, items[0]!.end) > 1) {
    const inside = opened(items[0]!, text, offset);
    if (!inside) break;
    const [head, ...rest] = inside;
    heads.push(head!);
    items = rest;
  }
  const declares = ({ kind }: Item) => kind === "function" || kind === "class" || kind === "type";
  return joinImports([...heads, ...openLong(items, text, offset, (item) => !several || !declares(item))]);
}
