/** Running text of a lesson as elements; there is no way from a lesson's text to markup. */

import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import type {
  AnchorPlace,
  GlossaryTerm,
  Inline,
  LinkTarget,
  ProseBlock,
} from "../../src/shared/panels/lesson.js";
import { formatLines } from "../ui/format.js";
import { withWholeNumbers } from "../ui/sentence.js";
import { LinkButton } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";
import { Formula } from "./Formula.js";
import { noteShift } from "./noteShift.js";

/** Follows a link; given by the page, so that text deep inside a check need not carry it along. */
export const FollowLink = createContext<(target: LinkTarget) => void>(() => {});

/** Where the code stands that the lesson points at, by the ids of its anchors. */
export const Places = createContext<Readonly<Record<string, AnchorPlace>>>({});

/** The entries of the glossary, by their ids. */
export const Glossary = createContext<ReadonlyMap<string, GlossaryTerm>>(new Map());

/** Signs that belong to the word before them. */
const CLOSING = /^[.,;:!?)”“…]+/;

export function Words({ text }: { text: Inline[] }) {
  // The text of a lesson does not change while it is shown: places serve as keys.
  return text.map((part, at) => {
    const key = `${at}${part.kind}`;
    const [before, after] = [text[at - 1], text[at + 1]];
    // A line may break before and after a button, also where a comma follows: such a pair is kept together.
    if (isButton(part) && after?.kind === "text") {
      const sign = CLOSING.exec(after.text)?.[0];
      if (sign !== undefined) {
        return (
          <span key={key} class="lesson-kept">
            <Word part={part} />
            {sign}
          </span>
        );
      }
    }
    if (part.kind === "text" && before && isButton(before)) {
      return <Word key={key} part={{ ...part, text: part.text.replace(CLOSING, "") }} />;
    }
    return <Word key={key} part={part} />;
  });
}

/** Drawn as a button and nothing behind it; a way to code ends in where that stands. */
function isButton(part: Inline): boolean {
  return part.kind === "term" || (part.kind === "link" && part.target.kind !== "code");
}

function Word({ part }: { part: Inline }) {
  const follow = useContext(FollowLink);
  switch (part.kind) {
    case "text":
      return <>{withWholeNumbers(part.text)}</>;
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
      if (part.target.kind === "code") return <CodeLink id={part.target.id} text={part.children} />;
      return (
        <LinkButton onClick={() => follow(part.target)}>
          <Words text={part.children} />
        </LinkButton>
      );
  }
}

/** The way to code that the lesson means, with where it stands now; where it is gone, that is said. */
function CodeLink({ id, text }: { id: string; text: Inline[] }) {
  const follow = useContext(FollowLink);
  const place = useContext(Places)[id];
  if (!place || place.kind === "no-file") {
    return (
      <>
        <Words text={text} /> <span class="lesson-place">{t("({0} is not here)", place?.file ?? id)}</span>
      </>
    );
  }
  const { file } = place;
  const lines = place.kind === "gone" ? "" : formatLines(place.firstLine, place.lastLine);
  const where =
    place.kind === "gone"
      ? t("{0}: this code is no longer there", file)
      : place.changed
        ? t("{0}, {1}, changed since", file, lines)
        : `${file}, ${lines}`;
  return (
    <>
      <LinkButton onClick={() => follow({ kind: "code", id })}>
        <Words text={text} />
      </LinkButton>{" "}
      <span class="lesson-place" data-anchor={id} data-kind={place.kind}>
        ({withWholeNumbers(where)})
      </span>
    </>
  );
}

/** A word with its meaning, shown while the pointer or the focus is on it, or once it was chosen. */
function Term({ id, text }: { id: string; text: Inline[] }) {
  const term = useContext(Glossary).get(id);
  const [over, setOver] = useState(false);
  const [shift, setShift] = useState(0);
  const noteId = useUniqueId();
  if (!term) return <Words text={text} />;
  const open = (word: HTMLElement) => {
    setShift(noteShift(word.getBoundingClientRect().left));
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
        <Formula
          math={block.math}
          symbols={block.symbols.map(({ forms, means }) => ({ forms, means: <Words text={means} /> }))}
        />
      );
  }
}

function ProseBlocks({ blocks }: { blocks: ProseBlock[] }) {
  return blocks.map((block, at) => <Prose key={`${at}${block.kind}`} block={block} />);
}
