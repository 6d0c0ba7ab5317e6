/** The hover over a token while boundaries are shown: text, id, bytes, rank, place and cost. */

import * as vscode from "vscode";
import { isEncodingName } from "../../core/tokens/encodings.js";
import type { Price } from "../../core/tokens/prices.js";
import type { TokenOrder } from "../../core/tokens/tokenizer.js";
import { formatCount, formatUpTo } from "../../shared/formatCount.js";
import type { TokenSpan } from "../../shared/types.js";
import { hexBytes, visibleText } from "../../shared/visibleText.js";
import { hasTokens } from "../documentKinds.js";
import type { DocumentTokens } from "./documentTokens.js";
import { chosenPrice, describeCost, estimateNote } from "./priceTable.js";

/** The only commands that a link in the hover may run. */
const LINKS = [
  "glassbox.chooseTokenizer",
  "glassbox.whyDidItSplit",
  "glassbox.toggleTokenBoundaries",
  "glassbox.openLesson",
] as const;
/** Text of a token longer than this is cut in the hover; the longest token of o200k_base has 128 bytes. */
const LONGEST_TEXT = 160;

export interface HoverSubject {
  /** The document, for the links that ask about this place. */
  uri?: vscode.Uri;
  encoding: string;
  /** Why counts by this tokenizer are approximate; left out where they are exact. */
  approximate?: string | undefined;
  spans: readonly TokenSpan[];
  /** Tokens of the whole document; undefined while they are still counted. */
  total: number | undefined;
  price: Price | undefined;
  bytesOf(id: number): Uint8Array;
  /** The two tokens whose merge made a token, where there are such. */
  parentsOf(id: number): [left: number, right: number] | undefined;
  /** The text under a token, where its bytes are not the text's. */
  textOf?: ((span: TokenSpan) => string) | undefined;
  /** A token as the vocabulary spells it, where that is not its text. */
  spellingOf?: ((id: number) => string) | undefined;
  /** See `Tokenizer.orderOf`. */
  orderOf?: ((id: number) => TokenOrder | undefined) | undefined;
}

/** A row of the hover's table: what it is, and the value. */
type Row = [name: string, value: string];

/** The text of the hover. Whatever comes from the document is escaped. */
export function hoverText({
  uri,
  encoding,
  approximate,
  spans,
  total,
  price,
  bytesOf,
  parentsOf,
  textOf,
  spellingOf,
  orderOf,
}: HoverSubject): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: LINKS };
  markdown.supportThemeIcons = false;
  if (spans.length > 1) {
    markdown.appendMarkdown(
      `${vscode.l10n.t("This character is split over {0} tokens. Each holds only some of its bytes.", spans.length)}\n\n`,
    );
  }
  // A file may be called anything.
  const shownName = isEncodingName(encoding) ? encoding : codeSpan(encoding);
  if (approximate !== undefined) markdown.appendText(`${approximate}\n\n`);
  for (const span of spans) {
    const bytes = textOf ? new TextEncoder().encode(textOf(span)) : bytesOf(span.id);
    const text = visibleText(bytes);
    const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)} …` : text;
    const place =
      total === undefined
        ? vscode.l10n.t("token {0}, still counting", formatCount(span.index + 1))
        : vscode.l10n.t("token {0} of {1}", formatCount(span.index + 1), formatCount(total));
    markdown.appendMarkdown(`${codeSpan(shown)} — ${place}\n\n`);
    const rows: Row[] = [
      [vscode.l10n.t("id"), vscode.l10n.t("{0} in {1}", String(span.id), shownName)],
      ...(spellingOf
        ? ([[vscode.l10n.t("in the vocabulary"), codeSpan(spellingOf(span.id))]] satisfies Row[])
        : []),
      [vscode.l10n.t("bytes"), `${codeSpan(hexBytes(bytes))}${splitNote(span)}`],
      ...orderRows(encoding, span.id, bytes.length, orderOf?.(span.id)),
    ];
    const parents = parentsOf(span.id);
    if (parents) {
      const [left, right] = parents.map((id) => codeSpan(visibleText(bytesOf(id))));
      rows.push([vscode.l10n.t("made of"), `${left} + ${right}`]);
    }
    if (price) {
      const note = estimateNote(price, shownName);
      rows.push([
        vscode.l10n.t("cost"),
        note === undefined ? describeCost(price, 1) : `${describeCost(price, 1, "~")} ${note}`,
      ]);
    }
    markdown.appendMarkdown(
      `| | |\n|---|---|\n${rows.map(([name, value]) => `| ${name} | ${value} |`).join("\n")}\n\n`,
    );
  }
  const links: [string, string][] = [
    [
      vscode.l10n.t("Why did it split here?"),
      commandLink("glassbox.whyDidItSplit", spans[0]?.start ?? 0, ...(uri ? [uri.toString()] : [])),
    ],
    [vscode.l10n.t("Choose tokenizer"), "command:glassbox.chooseTokenizer"],
    [vscode.l10n.t("What is a token?"), commandLink("glassbox.openLesson", "tokens")],
    [vscode.l10n.t("Hide boundaries"), "command:glassbox.toggleTokenBoundaries"],
  ];
  markdown.appendMarkdown(links.map(([title, target]) => `[${title}](${target})`).join(" · "));
  return markdown;
}

/** A link that runs a command. Parentheses, which end a link in Markdown, are encoded too. */
function commandLink(command: (typeof LINKS)[number], ...values: (string | number)[]): string {
  const encoded = encodeURIComponent(JSON.stringify(values)).replaceAll("(", "%28").replaceAll(")", "%29");
  return `command:${command}?${encoded}`;
}

/** What decides when a token is made. */
function orderRows(encoding: string, id: number, byteCount: number, order: TokenOrder | undefined): Row[] {
  // Ranks are ids there: a single byte is where merging begins, the rest were learnt one merge after the other.
  const rank = isEncodingName(encoding) && byteCount > 1 ? id : order?.rank;
  const rows: Row[] = [];
  if (isEncodingName(encoding) && byteCount === 1) {
    rows.push([vscode.l10n.t("merge rank"), vscode.l10n.t("none: a single byte, where merging begins")]);
  } else if (rank !== undefined) {
    rows.push([
      vscode.l10n.t("merge rank"),
      vscode.l10n.t("{0}; lower ranks merge first", formatCount(rank)),
    ]);
  }
  if (order?.score !== undefined) {
    // Scores are logarithms, or only an order: as many digits as tell neighbours apart.
    const score = formatUpTo(order.score, 4);
    rows.push([vscode.l10n.t("score"), vscode.l10n.t("{0}; higher scores win", score)]);
  }
  return rows;
}

function splitNote({ startsInside, endsInside }: TokenSpan): string {
  if (startsInside && endsInside) return ` (${vscode.l10n.t("from inside one character into another")})`;
  if (startsInside) return ` (${vscode.l10n.t("begins inside a character")})`;
  if (endsInside) return ` (${vscode.l10n.t("ends inside a character")})`;
  return "";
}

/**
 * Text as a Markdown code span that it cannot leave: fenced by more backticks than it holds, on one line, and with
 * the bar escaped that would end a table's cell.
 */
export function codeSpan(text: string): string {
  const oneLine = text.replace(/[\r\n]+/g, " ").replaceAll("|", "\\|");
  const longest = Math.max(0, ...Array.from(oneLine.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence} ${oneLine} ${fence}`;
}

export class TokenHover implements vscode.HoverProvider {
  readonly #tokens: () => DocumentTokens | undefined;

  /** @param tokens answers undefined while boundaries are hidden. */
  constructor(tokens: () => DocumentTokens | undefined) {
    this.#tokens = tokens;
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const documents = this.#tokens();
    if (!documents || !hasTokens(document)) return undefined;
    const tokens = documents.of(document);
    const offset = document.offsetAt(position);
    const spans = tokens.spans(offset, offset + 1);
    const first = spans[0];
    const last = spans.at(-1);
    if (!first || !last) return undefined;
    const { tokenizer } = documents;
    const text = hoverText({
      uri: document.uri,
      encoding: tokenizer.name,
      approximate: documents.approximate,
      spans,
      total: tokens.complete ? tokens.tokenCount : undefined,
      price: chosenPrice(),
      bytesOf: (id) => tokenizer.bytesOf(id),
      parentsOf: (id) => tokenizer.parentsOf(id),
      textOf: tokenizer.placesIn && (({ start, end }) => tokens.text(start, end)),
      spellingOf: tokenizer.spellingOf && ((id) => tokenizer.spellingOf?.(id) ?? ""),
      orderOf: (id) => tokenizer.orderOf?.(id),
    });
    return new vscode.Hover(
      text,
      new vscode.Range(document.positionAt(first.start), document.positionAt(last.end)),
    );
  }
}
