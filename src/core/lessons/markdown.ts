/** Markdown of a lesson -> our own prose blocks, by way of markdown-it's tokens; nothing else comes through. */

import MarkdownIt, { type Token } from "markdown-it";
import { t } from "../../shared/l10n.js";
import {
  type Inline,
  LESSON_COMMANDS,
  type LinkTarget,
  type ProseBlock,
} from "../../shared/panels/lesson.js";
import type { Issue } from "./schema.js";

/** A fenced block that is not prose: its info word, its content and the line of its first content line. */
export interface Fence {
  kind: "fence";
  info: string;
  content: string;
  line: number;
}

/** What reading needs beside the text. */
export interface MarkdownContext {
  issues: Issue[];
  /** The ids of the glossary; undefined where none is at hand to check them. */
  terms: ReadonlySet<string> | undefined;
}

const markdown = new MarkdownIt("commonmark", { html: false, linkify: false });
// Links are judged here, with a message and a line, rather than silently left as text.
markdown.validateLink = () => true;

/** Reads where a link leads; undefined when it leads somewhere that a lesson may not point. */
export function linkTarget(href: string): LinkTarget | undefined {
  const lesson = /^lesson:([a-z0-9-]+)$/.exec(href);
  if (lesson?.[1]) return { kind: "lesson", id: lesson[1] };
  const code = /^code:([a-z0-9-]+)$/.exec(href);
  if (code?.[1]) return { kind: "code", id: code[1] };
  const command = /^command:(.+)$/.exec(href);
  if (command) {
    const known = LESSON_COMMANDS.find((id) => id === command[1]);
    return known ? { kind: "command", command: known } : undefined;
  }
  if (!/^https:\/\//i.test(href) || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  // "https://bank.example@evil.example" shows one host and opens another.
  return url.username === "" && url.password === "" ? { kind: "web", url: url.href } : undefined;
}

/** Reads one line of Markdown, such as a question. */
export function parseInline(source: string, line: number, context: MarkdownContext): Inline[] {
  return markdown
    .parseInline(source, {})
    .flatMap((token) => new InlineReader(token.children ?? [], line, context).read());
}

/** Reads the body of a lesson. `source` holds the whole file with the front matter blanked, so that lines agree. */
export function parseBlocks(source: string, context: MarkdownContext): (ProseBlock | Fence)[] {
  return new BlockReader(markdown.parse(source, {}), context).read();
}

class BlockReader {
  #at = 0;
  #line = 1;

  constructor(
    private readonly tokens: Token[],
    private readonly context: MarkdownContext,
  ) {}

  read(): (ProseBlock | Fence)[] {
    return this.#blocks(undefined);
  }

  #blocks(until: string | undefined): (ProseBlock | Fence)[] {
    const blocks: (ProseBlock | Fence)[] = [];
    while (this.#at < this.tokens.length) {
      const token = this.tokens[this.#at++]!;
      if (token.map) this.#line = token.map[0] + 1;
      if (token.type === until) break;
      const block = this.#block(token);
      if (block) blocks.push(block);
    }
    return blocks;
  }

  #block(token: Token): ProseBlock | Fence | undefined {
    switch (token.type) {
      case "heading_open": {
        const children = this.#inline("heading_close");
        if (token.tag === "h2") return { kind: "heading", level: 2, children };
        if (token.tag === "h3") return { kind: "heading", level: 3, children };
        this.#fault(t("Headings are ## or ###: the title of the lesson stands in the front matter."));
        return undefined;
      }
      case "paragraph_open":
        return { kind: "paragraph", children: this.#inline("paragraph_close") };
      case "bullet_list_open":
        return { kind: "list", ordered: false, items: this.#items("bullet_list_close") };
      case "ordered_list_open":
        return { kind: "list", ordered: true, items: this.#items("ordered_list_close") };
      case "blockquote_open":
        return { kind: "quote", children: this.#prose("blockquote_close") };
      case "code_block":
        return { kind: "code", text: token.content };
      case "fence":
        return { kind: "fence", info: token.info.trim(), content: token.content, line: this.#line + 1 };
      default:
        this.#fault(
          t("This kind of Markdown has no place in a lesson: {0}.", token.type.replaceAll("_", " ")),
        );
        return undefined;
    }
  }

  #items(until: string): ProseBlock[][] {
    const items: ProseBlock[][] = [];
    while (this.#at < this.tokens.length) {
      const token = this.tokens[this.#at++]!;
      if (token.type === until) break;
      if (token.type === "list_item_open") items.push(this.#prose("list_item_close"));
    }
    return items;
  }

  /** Blocks inside a list or a quotation, where an exhibit or a check would be lost in the indentation. */
  #prose(until: string): ProseBlock[] {
    const prose: ProseBlock[] = [];
    for (const block of this.#blocks(until)) {
      if (block.kind !== "fence") prose.push(block);
      else if (isOwnFence(block.info)) {
        this.context.issues.push({
          line: block.line - 1,
          message: t(
            'A fence of kind "{0}" cannot stand inside a list or a quotation: begin its fence at the margin.',
            block.info,
          ),
        });
      } else prose.push({ kind: "code", text: block.content });
    }
    return prose;
  }

  #inline(close: string): Inline[] {
    let children: Inline[] = [];
    while (this.#at < this.tokens.length) {
      const token = this.tokens[this.#at++]!;
      if (token.type === close) break;
      if (token.type === "inline") {
        children = new InlineReader(token.children ?? [], this.#line, this.context).read();
      }
    }
    return children;
  }

  #fault(message: string): void {
    this.context.issues.push({ line: this.#line, message });
  }
}

class InlineReader {
  #at = 0;

  constructor(
    private readonly tokens: Token[],
    private line: number,
    private readonly context: MarkdownContext,
  ) {}

  read(until?: string): Inline[] {
    const children: Inline[] = [];
    const push = (text: string) => {
      const last = children.at(-1);
      if (last?.kind === "text") last.text += text;
      else if (text !== "") children.push({ kind: "text", text });
    };
    while (this.#at < this.tokens.length) {
      const token = this.tokens[this.#at++]!;
      if (token.type === until) break;
      switch (token.type) {
        case "text":
        case "text_special":
          push(token.content);
          break;
        case "softbreak":
          this.line++;
          push(" ");
          break;
        case "hardbreak":
          this.line++;
          children.push({ kind: "break" });
          break;
        case "code_inline":
          children.push({ kind: "code", text: token.content });
          break;
        case "strong_open":
          children.push({ kind: "strong", children: this.read("strong_close") });
          break;
        case "em_open":
          children.push({ kind: "emphasis", children: this.read("em_close") });
          break;
        case "link_open":
          children.push(...this.#link(token));
          break;
        case "image":
          this.#fault(t("Pictures have no place in a lesson: what it shows, an exhibit computes."));
          break;
        default:
          this.#fault(
            t("This kind of Markdown has no place in a lesson: {0}.", token.type.replaceAll("_", " ")),
          );
      }
    }
    return children;
  }

  #link(token: Token): Inline[] {
    const { line } = this;
    const children = this.read("link_close");
    const href = String(token.attrGet("href") ?? "");
    if (href.startsWith("term:")) return this.#term(href.slice("term:".length), children, line);
    const target = linkTarget(href);
    if (target) return [{ kind: "link", target, children }];
    this.context.issues.push({
      line,
      message: t(
        'A link may lead to https://…, lesson:ID, term:ID, code:ID or command:ID with one of {0}; found "{1}".',
        LESSON_COMMANDS.join(", "),
        href,
      ),
    });
    return children;
  }

  #term(id: string, children: Inline[], line: number): Inline[] {
    const { terms, issues } = this.context;
    if (terms && !terms.has(id)) {
      issues.push({ line, message: t('The glossary has no term "{0}".', id) });
      return children;
    }
    return [{ kind: "term", id, children }];
  }

  #fault(message: string): void {
    this.context.issues.push({ line: this.line, message });
  }
}

/** Fences that are read as YAML, and are not prose. */
export function isOwnFence(info: string): info is "exhibit" | "check" | "formula" {
  return info === "exhibit" || info === "check" || info === "formula";
}
