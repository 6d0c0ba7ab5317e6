/** Running text of a lesson as elements; there is no way from a lesson's text to markup. */

import { createContext, h } from "preact";
import { useContext, useState } from "preact/hooks";
import type {
  GlossaryTerm,
  Inline,
  LinkTarget,
  MathNode,
  ProseBlock,
} from "../../src/shared/panels/lesson.js";
import { LinkButton } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";

/** Of the note on a term, in pixels; the same as in the style sheet. */
const NOTE_WIDTH = 340;
const NOTE_MARGIN = 16;

/** Follows a link; given by the page, so that text deep inside a check need not carry it along. */
export const FollowLink = createContext<(target: LinkTarget) => void>(() => {});

/** The entries of the glossary, by their ids. */
export const Glossary = createContext<ReadonlyMap<string, GlossaryTerm>>(new Map());

export function Words({ text }: { text: Inline[] }) {
  // The text of a lesson does not change while it is shown: places serve as keys.
  return text.map((part, at) => <Word key={`${at}${part.kind}`} part={part} />);
}

function Word({ part }: { part: Inline }) {
  const follow = useContext(FollowLink);
  switch (part.kind) {
    case "text":
      return <>{part.text}</>;
    case "code":
      return <code>{part.text}</code>;
    case "strong":
      return (
        <strong>
          <Words text={part.children} />
        </strong>
      );
    case "emphasis":
      return (
        <em>
          <Words text={part.children} />
        </em>
      );
    case "break":
      return <br />;
    case "term":
      return <Term id={part.id} text={part.children} />;
    case "link":
      return (
        <LinkButton onClick={() => follow(part.target)}>
          <Words text={part.children} />
        </LinkButton>
      );
  }
}

/** A word with its meaning, shown while the pointer or the focus is on it, or once it was chosen. */
function Term({ id, text }: { id: string; text: Inline[] }) {
  const term = useContext(Glossary).get(id);
  const [over, setOver] = useState(false);
  const [shift, setShift] = useState(0);
  const noteId = useUniqueId();
  if (!term) return <Words text={text} />;
  /** Keeps the note inside the page, however far right its word stands. */
  const open = (word: HTMLElement) => {
    const left = word.getBoundingClientRect().left;
    const width = Math.min(NOTE_WIDTH, document.documentElement.clientWidth - 2 * NOTE_MARGIN);
    const room = document.documentElement.clientWidth - NOTE_MARGIN - width;
    setShift(Math.min(0, room - left));
    setOver(true);
  };
  return (
    <span class="lesson-term">
      <button
        type="button"
        aria-describedby={over ? noteId : undefined}
        onMouseEnter={(event) => open(event.currentTarget)}
        onMouseLeave={() => setOver(false)}
        onFocus={(event) => open(event.currentTarget)}
        onBlur={() => setOver(false)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setOver(false);
        }}
      >
        <Words text={text} />
      </button>
      {over && (
        <span id={noteId} role="tooltip" class="lesson-term-note" style={{ left: `${shift}px` }}>
          <strong>{term.name}</strong>: <Words text={term.means} />
        </span>
      )}
    </span>
  );
}

/** MathML as the lesson's reader made it: only elements that a formula needs come that far. */
function MathElement({ node }: { node: MathNode }) {
  const children = node.children.map((child, at) =>
    typeof child === "string" ? child : <MathElement key={`${at}${child.tag}`} node={child} />,
  );
  return h(node.tag, node.attributes, ...children);
}

export function Prose({ block }: { block: ProseBlock }) {
  switch (block.kind) {
    case "heading":
      return block.level === 2 ? (
        <h2>
          <Words text={block.children} />
        </h2>
      ) : (
        <h3>
          <Words text={block.children} />
        </h3>
      );
    case "paragraph":
      return (
        <p>
          <Words text={block.children} />
        </p>
      );
    case "list": {
      const items = block.items.map((item, at) => (
        <li key={`item ${at + 1}`}>
          <ProseBlocks blocks={item} />
        </li>
      ));
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "quote":
      return (
        <blockquote>
          <ProseBlocks blocks={block.children} />
        </blockquote>
      );
    case "code":
      return <pre>{block.text}</pre>;
    case "formula":
      return (
        <div class="lesson-formula">
          <MathElement node={block.math} />
          {block.symbols.length > 0 && (
            <dl aria-label="The symbols of the formula">
              {block.symbols.map(({ math, means }, at) => (
                <div key={`symbol ${at + 1}`}>
                  <dt>
                    <MathElement node={math} />
                  </dt>
                  <dd>
                    <Words text={means} />
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      );
  }
}

function ProseBlocks({ blocks }: { blocks: ProseBlock[] }) {
  return blocks.map((block, at) => <Prose key={`${at}${block.kind}`} block={block} />);
}
