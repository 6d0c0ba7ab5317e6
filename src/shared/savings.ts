/** Edits that would make a text cost fewer tokens, as they travel from the process that finds them to the editor. */

/** One replacement in a text, UTF-16 offsets. */
export interface Replacement {
  start: number;
  end: number;
  text: string;
}

/** What is known about the meaning of a text after an edit. */
export type EditSafety =
  /** It stays: the edited text was read again and compared. */
  | { kind: "same"; compared: "syntax" | "data" | "rendering" }
  /** It may not stay: nothing here can compare. */
  | { kind: "unchecked"; why: "no grammar" | "syntax errors" | "too long" }
  /** It does not stay, in part or as a whole. */
  | { kind: "changes"; what: "layout" | "comments" | "strings" | "names" };

export type EditKind =
  | { name: "trailingSpaces" }
  | { name: "blankLines" }
  /** `from` and `to` are columns of spaces a level; 0 is a tab. */
  | { name: "indentation"; from: number; to: number }
  | { name: "jsonLayout"; style: "minified" | "compact" }
  | { name: "tablePadding" }
  | { name: "rulers" }
  | { name: "lineEndings" }
  | { name: "longName"; from: string; to: string }
  /** Several of the above at once. */
  | { name: "together"; count: number };

export interface ProposedEdit {
  kind: EditKind;
  safety: EditSafety;
  /** In order, without overlaps. */
  edits: Replacement[];
}
