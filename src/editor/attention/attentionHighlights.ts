/** Lights in the document itself what the chosen token attends to: strength by opacity and by an edge. */

import * as vscode from "vscode";
import { type TokenSign, tokenSigns } from "../../core/lens/tokenSigns.js";
import type { LitTokens } from "../../shared/panels/attention.js";
import type { PlacedModelToken } from "../../shared/types.js";
import { Disposable } from "../disposable.js";
import type { DocumentText } from "./documentText.js";

/** Decorations cannot have an opacity each: strengths are drawn in so many steps. */
const STEPS = 10;

/** Fainter than this is not drawn: half a step. */
const FAINTEST = 0.5 / STEPS;

/** The step that a strength is drawn in, from 0; undefined where it is not drawn. */
function stepOf(strength: number): number | undefined {
  if (!(strength >= FAINTEST)) return undefined;
  return Math.min(STEPS, Math.max(1, Math.round(strength * STEPS))) - 1;
}

// The theme's own accent, mixed in the style sheet, so that a change of theme needs no new decorations.
const accent = (percent: number) =>
  `color-mix(in srgb, var(--vscode-charts-blue) ${Math.round(percent)}%, transparent)`;

const bandOf = (step: number) => accent((50 * (step + 1)) / STEPS);
const edgeOf = (step: number) => accent((100 * (step + 1)) / STEPS);
/** Pixels. Thicker as it is stronger: strength can be seen without colour. */
const edgeWidth = (step: number) => 1 + Math.floor((3 * step) / STEPS);

const QUERY_LINE = "2px solid var(--vscode-focusBorder)";
const POINTED_LINE = "1px dashed var(--vscode-editor-foreground)";

export class AttentionHighlights extends Disposable {
  readonly #steps = Array.from({ length: STEPS }, (_, step) =>
    this._register(
      vscode.window.createTextEditorDecorationType({
        backgroundColor: bandOf(step),
        borderColor: edgeOf(step),
        borderStyle: "solid",
        borderWidth: `0 0 ${edgeWidth(step)}px 0`,
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    ),
  );
  readonly #query = this._register(
    vscode.window.createTextEditorDecorationType({
      outline: QUERY_LINE,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  readonly #pointed = this._register(
    vscode.window.createTextEditorDecorationType({
      outline: POINTED_LINE,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  /** For tokens of which the text shows nothing: `<s>`, line breaks. */
  readonly #signs = this._register(
    vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  #text: DocumentText | undefined;
  #lit: { lit: LitTokens; tokens: readonly PlacedModelToken[] } | undefined;
  #token: PlacedModelToken | undefined;

  constructor() {
    super();
    // A document that comes back into sight has lost its decorations.
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()));
  }

  /** Says which text the tokens' places refer to; everything drawn before is cleared. */
  setText(text: DocumentText | undefined): void {
    this.clear();
    this.#text = text;
  }

  /** Says where the same text stands after an edit before it; what is drawn has moved along. */
  moveText(text: DocumentText): void {
    this.#text = text;
  }

  light(lit: LitTokens, tokens: readonly PlacedModelToken[]): void {
    this.#lit = { lit, tokens };
    this.#draw();
  }

  point(token: PlacedModelToken | null): void {
    this.#token = token ?? undefined;
    this.#draw();
  }

  reveal(token: PlacedModelToken): void {
    const range = this.#range(token);
    if (!range) return;
    for (const editor of this.#editors()) {
      editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  clear(): void {
    this.#lit = undefined;
    this.#token = undefined;
    this.#draw();
  }

  #range(token: PlacedModelToken | undefined): vscode.Range | undefined {
    if (!this.#text || !token || token.start === token.end) return undefined;
    const { document, offset } = this.#text;
    return new vscode.Range(
      document.positionAt(offset + token.start),
      document.positionAt(offset + token.end),
    );
  }

  #editors(): readonly vscode.TextEditor[] {
    return vscode.window.visibleTextEditors.filter((editor) => editor.document === this.#text?.document);
  }

  #draw(): void {
    const editors = this.#editors();
    if (editors.length === 0) return;
    const drawn = this.#ranges();
    const signs = this.#drawnSigns();
    for (const editor of editors) {
      for (const [type, ranges] of drawn) editor.setDecorations(type, ranges);
      editor.setDecorations(this.#signs, signs);
    }
  }

  /** The ranges of every kind of decoration, as the text stands now. */
  #ranges(): Map<vscode.TextEditorDecorationType, vscode.Range[]> {
    const ranges = new Map<vscode.TextEditorDecorationType, vscode.Range[]>();
    for (const type of [...this.#steps, this.#query, this.#pointed]) ranges.set(type, []);
    const add = (type: vscode.TextEditorDecorationType | undefined, token: PlacedModelToken | undefined) => {
      const range = this.#range(token);
      if (type && range) ranges.get(type)?.push(range);
    };
    if (this.#lit) {
      const { lit, tokens } = this.#lit;
      for (const [index, strength] of lit.strengths.entries()) {
        const step = stepOf(strength);
        if (step !== undefined) add(this.#steps[step], tokens[index]);
      }
      add(this.#query, tokens[lit.query]);
    }
    add(this.#pointed, this.#token);
    return ranges;
  }

  /** Signs at their strengths; what stands before the text is there throughout, or the text would jump. */
  #drawnSigns(): vscode.DecorationOptions[] {
    if (!this.#text || !this.#lit) return [];
    const { document, offset, text } = this.#text;
    const { lit, tokens } = this.#lit;
    return tokenSigns(tokens, text).flatMap((sign): vscode.DecorationOptions[] => {
      const step = stepOf(lit.strengths[sign.token] ?? 0);
      const line =
        sign.token === lit.query ? QUERY_LINE : tokens[sign.token] === this.#token ? POINTED_LINE : undefined;
      if (sign.side === "after" && step === undefined && line === undefined) return [];
      const at = document.positionAt(offset + sign.offset);
      return [
        { range: new vscode.Range(at, at), renderOptions: { [sign.side]: signLook(sign, step, line) } },
      ];
    });
  }
}

function signLook(
  { sign, side }: TokenSign,
  step: number | undefined,
  line: string | undefined,
): vscode.ThemableDecorationAttachmentRenderOptions {
  return {
    contentText: sign,
    margin: side === "before" ? "0 0.3ch 0 0" : "0 0 0 0.3ch",
    color: new vscode.ThemeColor("descriptionForeground"),
    ...(step === undefined
      ? {}
      : {
          backgroundColor: bandOf(step),
          textDecoration: `underline ${edgeWidth(step)}px ${edgeOf(step)}`,
        }),
    ...(line === undefined ? {} : { border: line }),
  };
}
