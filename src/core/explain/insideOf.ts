/** What is inside a construct: the statements, branches, members, entries or clauses that it is made of. */

import { COMMENT } from "./kinds.js";
import { namedChildren, type SyntaxNode } from "./syntax.js";

/** Nodes whose children are statements, declarations, cases or rules. */
const BLOCK =
  /^(?:block|statement_block|compound_statement|class_body|interface_body|enum_body|enum_body_declarations|constructor_body|declaration_list|field_declaration_list|enum_member_declaration_list|statement_list|body_statement|block_body|then|do|do_group|switch_body|switch_block|match_block|suite|object_type|keyframe_block_list|accessor_list|enumerator_list|enum_variant_list|jsx_element|jsx_fragment|column_definitions)$/;
/** Nodes whose children are entries: data, and the literals of code. */
const COLLECTION =
  /^(?:object|array|dictionary|list|set|hash|block_mapping|block_sequence|flow_mapping|flow_sequence|literal_value|initializer_list|array_creation_expression|array_initializer|initializer_expression|array_expression)$/;
/** The other branches of a construct: steps of their own when it is opened. */
const BRANCH =
  /^(?:else|else_clause|elsif|elif_clause|else_if_clause|catch_clause|except_clause|except_group_clause|finally_clause|rescue|ensure|when|in_clause|preproc_else|preproc_elif|case_item|case_clause|expression_case|default_case|type_case|communication_case)$/;
/** Nodes that hold their statements themselves, behind a condition or a value. */
const HOLDER =
  /^(?:case_item|switch_case|switch_default|case_statement|default_statement|switch_block_statement_group|switch_section|expression_case|type_case|default_case|communication_case|preproc_if|preproc_ifdef|preproc_else|preproc_elif|element|else|ensure)$/;
/** In the shell these hold their statements themselves, elsewhere in a block. */
const SHELL_HOLDER = /^(?:if_statement|elif_clause|else_clause)$/;
/** Children that are no statements. */
const NO_STATEMENT =
  /(?:^(?:start_tag|end_tag|self_closing_tag|erroneous_end_tag|jsx_opening_element|jsx_closing_element)|label|pattern|word)$/;
const SQL_CLAUSE =
  /^(?:cte|select|from|join|cross_join|lateral_join|where|group_by|window_clause|order_by|limit|offset|returning)$/;
const SQL_STATEMENT =
  /^(?:statement|set_operation|cte|from|insert|update|delete|subquery|create_view|create_materialized_view|create_query|create_function)$/;
/** Trees are searched down to this depth; deeper ones are not code that somebody wrote. */
const DEEPEST = 150;

/** The nodes inside a construct, in order; empty when there is nothing that would be a step of its own. */
export function insideOf(node: SyntaxNode): SyntaxNode[] {
  if (SQL_STATEMENT.test(node.type)) return insideQuery(node, 0);
  const blocks = insideBlocks(node, 0);
  return blocks.length > 0 ? blocks : insideCollections(node, 0);
}

function insideBlocks(node: SyntaxNode, depth: number): SyntaxNode[] {
  if (depth > DEEPEST) return [];
  if (BLOCK.test(node.type)) return contents(node);
  if (HOLDER.test(node.type) || holdsCommands(node)) {
    const besides = ["condition", "value", "name"].map((field) => node.childForFieldName(field)?.startIndex);
    return contents(node).flatMap((child) => {
      if (besides.includes(child.startIndex)) return [];
      return BLOCK.test(child.type) && !child.type.startsWith("jsx") ? contents(child) : [child];
    });
  }
  const alternative = node.childForFieldName("alternative");
  return namedChildren(node).flatMap((child) => {
    const isBranch = BRANCH.test(child.type) || child.startIndex === alternative?.startIndex;
    return isBranch ? [child] : insideBlocks(child, depth + 1);
  });
}

function contents(node: SyntaxNode): SyntaxNode[] {
  const children = namedChildren(node).filter(({ type }) => !NO_STATEMENT.test(type));
  const [only] = children;
  return children.length === 1 && only!.type === "statement_list" ? contents(only!) : children;
}

function holdsCommands(node: SyntaxNode): boolean {
  if (!SHELL_HOLDER.test(node.type)) return false;
  const hasBody = ["consequence", "body"].some((field) => node.childForFieldName(field));
  return !hasBody && !namedChildren(node).some(({ type }) => BLOCK.test(type));
}

/** The clauses of a query; those of the queries that it names stay with these. */
function insideQuery(node: SyntaxNode, depth: number): SyntaxNode[] {
  if (depth > DEEPEST) return [];
  return namedChildren(node).flatMap((child) => {
    if (COMMENT.test(child.type)) return depth === 0 ? [child] : [];
    if (SQL_CLAUSE.test(child.type)) return [child];
    return SQL_STATEMENT.test(child.type) || child.type.startsWith("create_")
      ? insideQuery(child, depth + 1)
      : BLOCK.test(child.type)
        ? contents(child)
        : [];
  });
}

/** The entries of the outermost collections, where there are several. */
function insideCollections(node: SyntaxNode, depth: number): SyntaxNode[] {
  if (depth > DEEPEST) return [];
  if (COLLECTION.test(node.type)) return contents(node);
  return namedChildren(node).flatMap((child) => insideCollections(child, depth + 1));
}
