/** Running text of a lesson as elements; there is no way from a lesson's text to markup. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Inline, LinkTarget, ProseBlock } from "../../src/shared/panels/lesson.js";
import { LinkButton } from "../ui/toolkit.js";

/** Follows a link; given by the page, so that text deep inside a check need not carry it along. */
export const FollowLink = createContext<(target: LinkTarget) => void>(() => {});

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
    case "link":
      return (
        <LinkButton onClick={() => follow(part.target)}>
          <Words text={part.children} />
        </LinkButton>
      );
  }
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
  }
}

function ProseBlocks({ blocks }: { blocks: ProseBlock[] }) {
  return blocks.map((block, at) => <Prose key={`${at}${block.kind}`} block={block} />);
}
