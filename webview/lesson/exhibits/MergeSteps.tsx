/** How the piece of the chosen token was put together: asks for the replay of its merges, and shows it. */

import { useEffect, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { EncodedToken } from "../../../src/shared/panels/lesson.js";
import type { MergeReplay as Replay } from "../../../src/shared/types.js";
import { visibleText } from "../../../src/shared/visibleText.js";
import { MergeReplay } from "../../tokens/MergeReplay.js";
import { ErrorNote } from "../../ui/notes.js";
import type { LessonHost } from "./registry.js";

/** Longer pieces make more rows than anybody reads. */
const MOST_BYTES = 60;

export function MergeSteps(props: {
  tokens: readonly EncodedToken[];
  chosen: number;
  encoding: string;
  host: LessonHost;
}) {
  const { encoding, host } = props;
  const piece = pieceAround(props.tokens, props.chosen);
  const key = `${encoding} ${piece.join()}`;
  const [replay, setReplay] = useState<{ key: string; piece: Uint8Array; steps: Replay }>();
  const [error, setError] = useState<WireError>();
  const tooLong = piece.length > MOST_BYTES;

  useEffect(() => {
    if (tooLong) return;
    const abort = new AbortController();
    host.call("replay", { piece, encoding }, { signal: abort.signal }).then(
      (steps) => {
        setError(undefined);
        setReplay({ key, piece, steps });
      },
      (thrown: unknown) => {
        if (!isCancelled(thrown)) setError(toWireError(thrown));
      },
    );
    return () => abort.abort();
  }, [key]);

  if (error) return <ErrorNote error={error} />;
  if (tooLong) {
    return (
      <p class="gb-dim">
        {t(
          "This piece has {0} bytes; pieces of up to {1} are replayed. Choose another token.",
          formatCount(piece.length),
          MOST_BYTES,
        )}
      </p>
    );
  }
  if (!replay) return null;
  return (
    <div class="lesson-merges">
      <h3>{t("How “{0}” was put together", visibleText(replay.piece))}</h3>
      <MergeReplay key={replay.key} piece={replay.piece} replay={replay.steps} encoding={encoding} />
    </div>
  );
}

/** The bytes of the piece that the token at `index` was cut from. */
function pieceAround(tokens: readonly EncodedToken[], index: number): Uint8Array {
  let start = index;
  while (start > 0 && tokens[start]?.startsPiece === false) start--;
  let end = index + 1;
  while (end < tokens.length && tokens[end]?.startsPiece === false) end++;
  return Uint8Array.from(tokens.slice(start, end).flatMap(({ bytes }) => Array.from(bytes)));
}
