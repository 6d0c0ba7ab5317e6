/** The part of a syntax tree that splitting and checking look at; tree-sitter's nodes have this shape. */

export interface SyntaxNode {
  /** The grammar's name for it, such as `for_statement`. */
  readonly type: string;
  /** UTF-16 offsets into the parsed source, end exclusive. */
  readonly startIndex: number;
  readonly endIndex: number;
  readonly isError: boolean;
  readonly isMissing: boolean;
  readonly hasError: boolean;
  readonly text: string;
  readonly namedChildCount: number;
  readonly children: readonly (SyntaxNode | null)[];
  readonly namedChildren: readonly (SyntaxNode | null)[];
  childForFieldName(name: string): SyntaxNode | null;
}

/** Parses a source; undefined when the parser gave up. */
export type Parse = (source: string) => SyntaxNode | undefined;

/** The children that the grammar names, without keywords and punctuation. */
export function namedChildren(node: SyntaxNode): SyntaxNode[] {
  return node.namedChildren.filter((child) => child !== null);
}
