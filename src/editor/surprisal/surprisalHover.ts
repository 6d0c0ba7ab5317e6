/** The hover over a token while surprise is shown: its rank, probability and bits, and what was more probable. */

import * as vscode from "vscode";
import type { TokenReading } from "../../core/surprisal/scoredText.js";
import { formatCount, formatFixed } from "../../shared/formatCount.js";
import { tokenName } from "../../shared/tokenName.js";
import type { ModelToken, PlacedModelToken } from "../../shared/types.js";
import { codeSpan } from "../tokens/tokenHover.js";
import type { SurprisalSession } from "./surprisalSession.js";
import { percent } from "./surprisalWords.js";

/** The only commands that a link in the hover may run. */
const LINKS = ["glassbox.tryInstead", "glassbox.hideSurprisal", "glassbox.listSurprises"] as const;
/** Text of a token longer than this is cut. */
const LONGEST_TEXT = 80;

export interface HoveredToken {
  uri: string;
  token: PlacedModelToken;
  start: number;
  end: number;
  reading: TokenReading;
  model: string;
  name(id: number): ModelToken | undefined;
  /** What to put in place of the token; undefined for a token that is no text by itself. */
  textOf(id: number): string | undefined;
}

/** The text of the hover. Whatever comes from the document or the vocabulary is escaped. */
export function surprisalHoverText(hovered: HoveredToken): vscode.MarkdownString {
  const { uri, token, start, end, reading, model, name, textOf } = hovered;
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: LINKS };
  markdown.supportThemeIcons = false;
  const { bits, rank, entropy, entropyWithin, alternatives } = reading;
  markdown.appendMarkdown(
    `${vscode.l10n.t("{0} gave {1} a probability of **{2}**.", codeSpan(model), chip(token), percent(2 ** -bits))}\n\n`,
  );
  const rows = [
    [vscode.l10n.t("surprisal"), vscode.l10n.t("{0} bits", formatFixed(bits, 2))],
    [vscode.l10n.t("rank"), rank === 1 ? vscode.l10n.t("1, the most probable") : formatCount(rank)],
    [
      vscode.l10n.t("entropy"),
      vscode.l10n.t(
        "{0} bits, within {1}: so much was open here",
        formatFixed(entropy, 1),
        formatFixed(Math.max(0.1, entropyWithin), 1),
      ),
    ],
  ];
  markdown.appendMarkdown(
    `| | |\n|---|---|\n${rows.map(([title, value]) => `| ${title} | ${value} |`).join("\n")}\n\n`,
  );
  if (alternatives.length > 0) {
    const lines = alternatives.map(({ id, probability }, index) => {
      const other = name(id);
      const shown = other ? chip(other) : codeSpan(`#${id}`);
      const own = id === token.id ? ` — ${vscode.l10n.t("stands there")}` : "";
      const link =
        id !== token.id && textOf(id) !== undefined
          ? ` — [${vscode.l10n.t("try this instead")}](${commandLink("glassbox.tryInstead", uri, start, end, index)})`
          : "";
      return `1. ${shown} ${percent(probability)}${own}${link}`;
    });
    markdown.appendMarkdown(`${vscode.l10n.t("Most probable here:")}\n\n${lines.join("\n")}\n\n`);
  }
  markdown.appendMarkdown(
    [
      `[${vscode.l10n.t("Most surprising places")}](command:glassbox.listSurprises)`,
      `[${vscode.l10n.t("Hide surprise")}](command:glassbox.hideSurprisal)`,
    ].join(" · "),
  );
  return markdown;
}

function chip(token: ModelToken): string {
  const text = tokenName(token);
  return codeSpan(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)} …` : text);
}

/** A link that runs a command. Parentheses, which end a link in Markdown, are encoded too. */
function commandLink(command: (typeof LINKS)[number], ...values: (string | number)[]): string {
  const encoded = encodeURIComponent(JSON.stringify(values)).replaceAll("(", "%28").replaceAll(")", "%29");
  return `command:${command}?${encoded}`;
}

/**
 * What the document would have in place of a token; undefined where that is no text by itself: a special token, or
 * one that begins or ends inside a character.
 * @param standing the text of the token that stands there, in the document.
 */
export function textInstead(
  token: PlacedModelToken,
  standing: string,
  other: ModelToken | undefined,
): string | undefined {
  if (!other || other.special || other.bytes.length === 0 || token.startsInside || token.endsInside)
    return undefined;
  const decode = (bytes: Uint8Array) => {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    return text.includes("\ufffd") ? undefined : text;
  };
  const [own, text] = [decode(token.bytes), decode(other.bytes)];
  // SentencePiece puts a space before a text that the document does not have.
  const prefixed = own === ` ${standing}`;
  return prefixed && text?.startsWith(" ") ? text.slice(1) : text;
}

export class SurprisalHover implements vscode.HoverProvider {
  readonly #sessionOf: (document: vscode.TextDocument) => SurprisalSession | undefined;

  constructor(sessionOf: (document: vscode.TextDocument) => SurprisalSession | undefined) {
    this.#sessionOf = sessionOf;
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const session = this.#sessionOf(document);
    if (!session) return undefined;
    const offset = document.offsetAt(position);
    const read = session
      .tokensIn(offset, offset + 1)
      .flatMap(({ reading, ...place }) => (reading ? [{ ...place, reading }] : []));
    const [first] = read;
    const last = read.at(-1);
    if (!first || !last) return undefined;
    const range = new vscode.Range(document.positionAt(first.start), document.positionAt(last.end));
    const texts = read.map(({ token, start, end, reading }) =>
      surprisalHoverText({
        uri: document.uri.toString(),
        token,
        start,
        end,
        reading,
        model: session.model?.name ?? "",
        name: (id) => session.name(id),
        textOf: (id) =>
          textInstead(
            token,
            document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))),
            session.name(id),
          ),
      }),
    );
    return new vscode.Hover(texts, range);
  }
}
