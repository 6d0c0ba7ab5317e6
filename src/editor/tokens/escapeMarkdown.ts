/** Text that stays text in Markdown: the settings of a workspace may name models and files as they like. */

/** On one line, fit for the cell of a table too; unlike `appendText`, it keeps spaces at which a line may break. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]()#+!~<>|&$]/g, "\\$&");
}
