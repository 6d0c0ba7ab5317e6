/** The panel "Why Did It Split Here?": the text, its pieces, the rule behind one, its bytes, and its merges. */

import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import "./split.css";
import type { PieceDetail, SplitSource } from "../../src/shared/panels/split.js";
import { MOST_REPLAYED_BYTES, MOST_SPLIT_CHARACTERS } from "../../src/shared/panels/split.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { MergeReplay } from "../tokens/MergeReplay.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { Button, Checkbox, Dropdown } from "../ui/toolkit.js";
import { PieceBytes } from "./PieceBytes.js";
import { PieceStrip } from "./PieceStrip.js";
import { RuleOfPiece } from "./RuleOfPiece.js";
import { SplitEvidence } from "./SplitEvidence.js";
import { SplitText } from "./SplitText.js";
import type { TextView } from "./splitState.js";
import { type Split, type SplitPanelProps, useSplit } from "./useSplit.js";

export function SplitPanel(props: SplitPanelProps) {
  const split = useSplit(props);
  const { ready, source, subject, view, error } = split;
  const showLog = () => void props.host.call("showLog", {});
  return (
    <>
      <PanelHead
        title={t("Why did it split here?")}
        subject={source ? t("{0}, line {1}", source.fileName, source.line + 1) : ""}
        status={view?.tokenizer ?? ""}
        evidence={view ? <SplitEvidence view={view} /> : undefined}
      />
      {!ready && !error && <LoadingNote text={t("Reading the tokenizer …")} />}
      {ready && !subject && (
        <EmptyNote
          text={t("Open a file and put the caret into the word that you wonder about.")}
          action={{ label: t("Use the caret’s text"), run: split.takeCaretText }}
        />
      )}
      {subject && <Controls split={split} source={source} />}
      {error && <ErrorNote error={error} retry={split.retry} showLog={showLog} />}
      {subject && view && !error && <Pieces split={split} view={view} />}
    </>
  );
}

function Controls({ split, source }: { split: Split; source: SplitSource | undefined }) {
  const { subject, tokenizer, tokenizers } = split;
  if (!subject) return null;
  return (
    <section class="split-controls" aria-label={t("Text")}>
      <SplitText text={subject.text} at={subject.at} onEdit={split.edit} onCaret={split.lookAt} />
      <p class="gb-dim split-origin">{originOf(source, subject)}</p>
      <div class="gb-row">
        <Dropdown
          label={t("Tokenizer")}
          value={tokenizer}
          options={tokenizers.map(({ name, label }) => ({ value: name, label }))}
          onChange={split.setTokenizer}
        />
        <Checkbox label={t("Follow caret")} checked={split.follow} onChange={split.setFollow} />
        <Button
          onClick={split.reset}
          disabled={!subject.edited || !source}
          label={t("Undo all edits made here")}
        >
          {t("Reset")}
        </Button>
        <Button onClick={split.takeCaretText}>{t("Use the caret’s text")}</Button>
      </div>
    </section>
  );
}

/** Where the text comes from, and what of it is left out. */
function originOf(source: SplitSource | undefined, { edited, text }: { edited: boolean; text: string }) {
  if (!edited && !source) return "";
  const sentences =
    edited || !source
      ? [t("Changed here; your file stays as it is.")]
      : [placeOf(source), t("Change a character and see what it does; your file stays as it is.")];
  if (text.length >= MOST_SPLIT_CHARACTERS)
    sentences.push(t("This is as much as is looked at: {0} characters.", formatCount(MOST_SPLIT_CHARACTERS)));
  return sentences.join(" ");
}

function placeOf({ fileName, line, cutBefore, cutAfter }: SplitSource): string {
  if (cutBefore && cutAfter)
    return t("From {0}, line {1}; the line goes on before and behind.", fileName, line + 1);
  if (cutBefore) return t("From {0}, line {1}; the line begins before it.", fileName, line + 1);
  if (cutAfter) return t("From {0}, line {1}; the line goes on behind it.", fileName, line + 1);
  return t("From {0}, line {1}.", fileName, line + 1);
}

function Pieces({ split, view }: { split: Split; view: TextView }) {
  const { change, source, subject } = split;
  const { detail, chosen, pieces } = view;
  const piece = pieces[chosen];
  if (!piece || !detail) return <EmptyNote text={t("Type something: no text, no pieces.")} />;
  const beginning = visibleText(detail.bytes.subarray(0, 40));
  const name = t("“{0}”", detail.byteCount > 40 ? `${beginning}…` : beginning);
  const cutHere = source?.cutAfter === true && subject?.edited === false && chosen === pieces.length - 1;
  return (
    <>
      <PieceStrip view={view} change={change} onChoose={(index) => split.lookAt(pieces[index]!.start)} />
      <div class="split-columns">
        <section aria-label={t("The rule")}>
          <h2>{t("The rule that cut {0}", name)}</h2>
          <RuleOfPiece view={view} cutHere={cutHere} />
        </section>
        <div>
          <section aria-label={t("Bytes")}>
            <h2>{t("Its bytes")}</h2>
            <PieceBytes text={view.text.slice(piece.start, piece.end)} tokens={piece.tokens} />
          </section>
          <section aria-label={t("Merges")}>
            <h2>{t("Its merges")}</h2>
            <CutNote detail={detail} tokens={piece.tokens.length} />
            <MergeReplay
              // Another piece begins at its end again.
              key={`${view.tokenizer} ${detail.bytes.join()}`}
              piece={detail.bytes}
              replay={detail.replay}
              encoding={view.tokenizer}
            />
          </section>
        </div>
      </div>
    </>
  );
}

function CutNote({ detail, tokens }: { detail: PieceDetail; tokens: number }) {
  if (detail.byteCount === detail.bytes.length) return null;
  return (
    <p>
      {t(
        "This piece has {0} bytes and {1} tokens. Its first {2} bytes are replayed, as if the piece ended there: at most {3}, because every merge is a step.",
        formatCount(detail.byteCount),
        formatCount(tokens),
        formatCount(detail.bytes.length),
        MOST_REPLAYED_BYTES,
      )}
    </p>
  );
}
