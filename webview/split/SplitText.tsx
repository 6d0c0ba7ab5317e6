/** The field with the text that is cut. Its caret chooses the piece. */

import { useEffect, useRef } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import { MOST_SPLIT_CHARACTERS } from "../../src/shared/panels/split.js";

export interface SplitTextProps {
  text: string;
  /** The character that is looked at. */
  at: number;
  /** The new text, and the caret in it. */
  onEdit(text: string, caret: number): void;
  onCaret(offset: number): void;
}

export function SplitText({ text, at, onEdit, onCaret }: SplitTextProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  // A field knows line feeds only: a text with Windows line breaks gets them back behind it.
  const windows = text.includes("\r\n");
  const shown = windows ? text.replaceAll("\r\n", "\n") : text;
  const fromField = (value: string, offset: number) =>
    windows ? offset + value.slice(0, offset).split("\n").length - 1 : offset;
  const toField = (offset: number) =>
    windows ? offset - (text.slice(0, offset).split("\r\n").length - 1) : offset;

  // Whoever comes back to the field finds the caret at the piece that was chosen meanwhile.
  useEffect(() => {
    const element = field.current;
    if (!element || document.activeElement === element) return;
    element.setSelectionRange(toField(at), toField(at));
  }, [at, text]);

  const tellCaret = () => {
    const { value, selectionStart } = field.current!;
    onCaret(fromField(value, selectionStart));
  };
  const rows = Math.min(6, Math.max(2, shown.split("\n").length, Math.ceil(shown.length / 90)));
  return (
    <textarea
      ref={field}
      class="gb-text-area"
      aria-label={t("Text to cut")}
      dir="auto"
      rows={rows}
      maxLength={MOST_SPLIT_CHARACTERS}
      spellcheck={false}
      autocapitalize="off"
      autocomplete="off"
      value={shown}
      onInput={({ currentTarget: { value, selectionStart } }) => {
        const typed = windows ? value.replaceAll("\n", "\r\n") : value;
        onEdit(typed, fromField(value, selectionStart));
      }}
      onKeyUp={(event) => {
        // Only keys that move: a letter's own key-up would choose the piece behind what was typed.
        if (/^(Arrow|Home|End|Page)/.test(event.key)) tellCaret();
      }}
      onPointerUp={tellCaret}
    />
  );
}
