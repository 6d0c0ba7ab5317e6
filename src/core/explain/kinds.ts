/** What a piece of syntax is, in words that a reader and a model know: "loop", "query", "element". */

import { namedChildren, type SyntaxNode } from "./syntax.js";

export const COMMENT = /comment/;
const FUNCTION =
  /function|^(?:singleton_)?method|lambda|arrow|constructor|destructor|func_literal|closure|accessor_declaration/;
/** Constructs that are named and hold members. */
const CLASS = /^(?:abstract_)?(?:class|record|object|impl)(?:_|$)/;

/** Kinds of nodes whose names are whole words of SQL, YAML, JSON and HTML. */
const EXACT: Readonly<Record<string, string>> = {
  // SQL
  cte: "named query",
  select: "columns",
  from: "source",
  join: "join",
  cross_join: "join",
  lateral_join: "join",
  where: "filter",
  group_by: "grouping",
  window_clause: "window",
  order_by: "ordering",
  limit: "limit",
  offset: "limit",
  set_operation: "query",
  insert: "insertion",
  update: "update",
  delete: "deletion",
  returning: "result",
  column_definition: "column",
  constraint: "constraint",
  constraints: "constraint",
  transaction: "transaction",
  // HTML and JSX
  element: "element",
  doctype: "document type",
  script_element: "script",
  style_element: "style",
  text: "text",
  jsx_element: "element",
  jsx_self_closing_element: "element",
  jsx_fragment: "element",
  jsx_text: "text",
  jsx_expression: "expression",
  // JSON, YAML and the literals of code
  pair: "entry",
  block_mapping_pair: "entry",
  flow_pair: "entry",
  keyed_element: "entry",
  block_sequence_item: "item",
  document: "document",
  // CSS
  rule_set: "rule",
  keyframe_block: "rule",
  at_rule: "rule",
  media_statement: "rule",
  keyframes_statement: "rule",
  supports_statement: "rule",
  charset_statement: "declaration",
  namespace_statement: "declaration",
  // Code
  preproc_def: "constant",
  preproc_function_def: "macro",
  macro_definition: "macro",
  preproc_call: "directive",
  preproc_ifdef: "condition",
  preproc_if: "condition",
  preproc_else: "condition",
  preproc_elif: "condition",
  text_interpolation: "text",
  declare_statement: "declaration",
  using_declaration: "import",
  command: "command",
  pipeline: "command",
  list: "command",
  test_command: "command",
  namespace_definition: "namespace",
  namespace_declaration: "namespace",
  file_scoped_namespace_declaration: "namespace",
  internal_module: "namespace",
  module: "module",
  mod_item: "module",
  trait_item: "trait",
  trait_declaration: "trait",
  impl_item: "implementation",
  struct_item: "type",
  struct_specifier: "type",
  struct_declaration: "type",
  union_specifier: "type",
  union_item: "type",
  type_item: "type",
  using_statement: "resource",
  with_statement: "resource",
  lock_statement: "lock",
  synchronized_statement: "lock",
  enum_constant: "value",
  enum_variant: "value",
  enumerator: "value",
  enum_member_declaration: "value",
  enum_assignment: "value",
};

/** Kinds by patterns of the grammars' node names, tried in order. */
const PATTERNS: readonly [kind: string, type: RegExp][] = [
  ["comment", COMMENT],
  ["import", /import|^use_declaration|using_directive|preproc_include|^package_|extern_crate|^namespace_use/],
  ["loop", /^(?:for|foreach|while|do|loop|until|enhanced_for|for_range|c_style_for|repeat)(?:_|$)/],
  [
    "condition",
    /^(?:if|unless|switch|match|case|else|elif|elsif|elseif|when|guard|ternary|conditional|select|type_switch|type_case|expression_switch|expression_case|communication_case|default_case|switch_case|switch_default|in_clause)(?:_|$)/,
  ],
  ["error handling", /^(?:try|catch|except|finally|throw|raise|rescue|begin|ensure|panic|defer)(?:_|$)/],
  ["return", /^(?:return|yield)(?:_|$)/],
  ["jump", /^(?:break|continue|goto|next|redo|pass)(?:_|$)/],
  ["class", CLASS],
  ["type", /^(?:type_alias|type_declaration|type_definition|interface|enum|typedef|alias)/],
  ["function", FUNCTION],
  ["assertion", /^assert/],
  ["assignment", /assignment|update_expression|inc_statement|dec_statement|augmented|compound_assignment/],
  [
    "declaration",
    /declaration|declarator|^let|variable|const|field_definition|property|static_item|global_statement|short_var/,
  ],
  ["call", /call|invocation|command|pipeline|await|new_expression|object_creation|echo|print|^go_statement/],
  ["text", /string|template|jsx|scalar/],
  ["expression", /expression|identifier|literal|operator|binary|number|integer|constant/],
];

/** Kinds of calls that are statements of their own in languages without a keyword for them, by the name called. */
const CALLED: readonly [kind: string, name: RegExp][] = [
  ["import", /^(?:require|require_relative|load|source|\.)$/],
  ["error handling", /^(?:raise|panic)$/],
  ["jump", /^exit$/],
  ["declaration", /^(?:attr_reader|attr_writer|attr_accessor)$/],
  ["assertion", /^(?:assert|assert_eq|assert_ne|debug_assert|debug_assert_eq)$/],
];

/** What unfinished code begins, by the words of most languages. */
const UNFINISHED: readonly [kind: string, start: RegExp][] = [
  ["function", /^(?:[\w@().]+\s+)*?(?:def|fn|func|function|fun)\b/],
  ["class", /^(?:\w+\s+)*?(?:class|struct|interface|impl|trait|enum)\b/],
  ["import", /^(?:import|from|use|using|require|#\s*include)\b/],
  ["loop", /^(?:for|foreach|while|loop|until|do)\b/],
  ["condition", /^(?:if|else|elif|elsif|unless|switch|match|case)\b/],
  ["error handling", /^(?:try|catch|except|finally|rescue|throw|raise)\b/],
  ["return", /^(?:return|yield)\b/],
];

const SQL_STATEMENT: readonly [kind: string, type: RegExp][] = [
  ["query", /^(?:select|set_operation|with)/],
  ["insertion", /^insert/],
  ["update", /^update/],
  ["deletion", /^(?:delete|drop|truncate)/],
  ["definition", /^create/],
  ["change", /^alter/],
];

/** Looks through wrappers that say nothing about what a statement does. */
function essence(node: SyntaxNode): SyntaxNode {
  const inner = namedChildren(node).filter((child) => !COMMENT.test(child.type));
  switch (node.type) {
    case "export_statement":
    case "ambient_declaration":
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
    case "redirected_statement":
    case "block_node":
    case "flow_node":
      return inner[0] ? essence(inner[0]) : node;
    case "labeled_statement":
      return inner.at(-1) ? essence(inner.at(-1)!) : node;
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

/** The call of `const x = require("x")`, the one whose result is named by nothing else. */
function assignedCall(node: SyntaxNode): SyntaxNode | undefined {
  if (!/^(?:lexical|variable)_declaration$/.test(node.type)) return undefined;
  const value = namedChildren(node)[0]?.childForFieldName("value");
  return value?.type === "call_expression" && value.childForFieldName("function")?.text === "require"
    ? value
    : undefined;
}

/** The name that a call calls: of `require "x"`, `assert_eq!(a, b)` and `source x`. */
const CALLED_FIELD: Readonly<Record<string, string>> = {
  call: "method",
  call_expression: "function",
  macro_invocation: "macro",
  command: "name",
};

function calledName(node: SyntaxNode | undefined): string | undefined {
  const field = node && CALLED_FIELD[node.type];
  return field === undefined ? undefined : node?.childForFieldName(field)?.text;
}

/** What kind of syntax it is, in words. */
export function kindOf(node: SyntaxNode): string {
  if (node.isError) {
    const line = node.text.slice(0, 200).split("\n")[0]!;
    return UNFINISHED.find(([, start]) => start.test(line))?.[0] ?? "statement";
  }
  if (node.type === "statement") {
    // SQL: what a statement does is its last part that is a verb; before it are the queries that it names.
    for (const { type } of namedChildren(node)) {
      const known = SQL_STATEMENT.find(([, pattern]) => pattern.test(type));
      if (known) return known[0];
    }
  }
  const inner = essence(node);
  const called = calledName(inner) ?? calledName(assignedCall(inner));
  const byName = called === undefined ? undefined : CALLED.find(([, pattern]) => pattern.test(called));
  if (byName) return byName[0];
  if (Object.hasOwn(EXACT, inner.type)) return EXACT[inner.type]!;
  if (isDocstring(node)) return "comment";
  if (node.type === "export_statement" && inner.type === "string") return "export";
  if (inner.type === "macro_invocation") return "call";
  return PATTERNS.find(([, pattern]) => pattern.test(inner.type))?.[0] ?? "statement";
}

/** A Python docstring is a string that stands alone. */
export function isDocstring(node: SyntaxNode): boolean {
  return node.type === "expression_statement" && essence(node).type === "string";
}

/** Kinds that name something with a body of its own. */
export function declares(kind: string): boolean {
  return /^(?:function|class|type|trait|implementation|namespace|module|interface)$/.test(kind);
}

const PROSE = new Set([
  "heading",
  "paragraph",
  "sentence",
  "list",
  "item",
  "quotation",
  "table",
  "formula",
  "figure",
  "front matter",
]);
const MARKUP = new Set(["element", "text", "script", "style", "document type", "expression"]);
const CLAUSES = new Set("named query,columns,source,join,filter,grouping,window,ordering,limit".split(","));

/** The kind of two neighbours that have become one step. */
export function joinedKind(a: string, b: string): string {
  if (a === b) return a;
  for (const [family, name] of [
    [PROSE, "section"],
    [MARKUP, "elements"],
    [CLAUSES, "clauses"],
  ] as const) {
    const belongs = (kind: string) => kind === name || family.has(kind);
    if (belongs(a) && belongs(b)) return name;
  }
  if (PROSE.has(a) || a === "section") return "section";
  if (a === "rule" && b === "comment") return a;
  return "statements";
}
