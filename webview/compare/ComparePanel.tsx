/** The comparison panel: head, the switch between its two views, what can be chosen, and the exhibits. */

import { useMemo, useState } from "preact/hooks";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import {
  type ComparedText,
  type ComparedTokenizer,
  type CompareHost,
  MOST_TOKENIZERS,
} from "../../src/shared/panels/compare.js";
import type { CommonHostProtocol } from "../../src/shared/panels/panel.js";
import type { Caller } from "../../src/shared/rpc.js";
import { countedCharacters } from "../ui/counted.js";
import { formatLines } from "../ui/format.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { Tabs } from "../ui/Tabs.js";
import { Button, Checkbox, LinkButton } from "../ui/toolkit.js";
import "./compare.css";
import { CompareExhibit } from "./CompareExhibit.js";
import { countsAsCsv, labelOf } from "./CountTable.js";
import { LanguagesExhibit } from "./LanguagesExhibit.js";
import { type Row, useCounts } from "./useCounts.js";

export type CompareView = "text" | "languages";

export interface ComparePanelProps {
  host: Caller<CompareHost & CommonHostProtocol>;
  text: ComparedText | undefined;
  tokenizers: readonly ComparedTokenizer[];
  /** Changes when the names stand for other tokenizers. */
  said: number;
  view: CompareView;
  onView(view: CompareView): void;
}

export function ComparePanel(props: ComparePanelProps) {
  const { host, text, tokenizers, said, view, onView } = props;
  const counts = useCounts(host, text, tokenizers, said);
  const [fault, setFault] = useState<WireError>();
  const [copied, setCopied] = useState(false);
  const onFault = (error: unknown) => setFault(toWireError(error));
  const add = () => void host.call("addTokenizer", {}).catch(onFault);
  const remove = (name: string) => void host.call("removeTokenizer", { name }).catch(onFault);
  const openText = () => void host.call("openText", {}).catch(onFault);
  const copy = () =>
    void host
      .call("copy", { text: countsAsCsv(counts.text!, counts.rows) })
      .then(() => setCopied(true), onFault);
  const full = tokenizers.length >= MOST_TOKENIZERS;
  const tools = (
    <div class="cmp-tools gb-row">
      <Button onClick={add} disabled={full}>
        {t("Add tokenizer")}
      </Button>
      {full && <span class="gb-dim">{t("{0} are the most that fit.", MOST_TOKENIZERS)}</span>}
      {view === "text" && text && (
        <Checkbox
          label={t("Keep this text")}
          checked={text.kept}
          onChange={(kept) => void host.call("keepText", { kept }).catch(onFault)}
        />
      )}
      {view === "text" && counts.rows.length > 0 && (
        <span class="cmp-copy">
          <LinkButton onClick={copy}>{t("Copy as CSV")}</LinkButton>
          <span role="status" class="gb-dim">
            {copied ? ` ${t("copied")}` : ""}
          </span>
        </span>
      )}
    </div>
  );
  const shown =
    tokenizers.length === 0 ? (
      <EmptyNote
        text={t("No tokenizer is chosen. Add one to see how it cuts your text.")}
        action={{ label: t("Add tokenizer"), run: add }}
      />
    ) : view === "languages" ? (
      <LanguagesExhibit
        host={host}
        tokenizers={tokenizers}
        said={said}
        onRead={(given, name) => {
          host.call("useText", { text: given, name }).then(() => onView("text"), onFault);
        }}
      />
    ) : (
      <TextView text={text} counts={counts} onRemove={remove} onOpenText={openText} />
    );
  // The view that is not shown counts nothing.
  const content = (of: CompareView) =>
    view === of && (
      <>
        {tools}
        {shown}
      </>
    );
  return (
    <>
      <PanelHead
        title={t("Compare tokenizers")}
        subject={view === "text" && text ? subjectOf(text) : ""}
        status={countingOf(counts.waiting)}
        evidence={counts.text ? <Evidence text={counts.text} rows={counts.rows} /> : undefined}
      />
      {fault && <ErrorNote error={fault} showLog={() => void host.call("showLog", {}).catch(onFault)} />}
      <Tabs
        label={t("What is compared")}
        shown={view}
        onShow={(id) => onView(id === "languages" ? "languages" : "text")}
        tabs={[
          { id: "text", label: t("Your text"), content: content("text") },
          {
            id: "languages",
            label: t("The same meaning in other languages"),
            content: content("languages"),
          },
        ]}
      />
    </>
  );
}

function TextView(props: {
  text: ComparedText | undefined;
  counts: ReturnType<typeof useCounts>;
  onRemove(name: string): void;
  onOpenText(): void;
}) {
  const { text, counts, onRemove, onOpenText } = props;
  // The exhibit is drawn again only for another count: not when the pointer moves.
  const exhibit = useMemo(
    () =>
      counts.text && counts.rows.length > 0 ? (
        <CompareExhibit text={counts.text} rows={counts.rows} onRemove={onRemove} />
      ) : undefined,
    [counts],
  );
  if (!text) {
    return (
      <EmptyNote
        text={t(
          "Open a text, and select what you want to compare. Without a selection it is the paragraph around the caret.",
        )}
        action={{ label: t("Open a text"), run: onOpenText }}
      />
    );
  }
  return exhibit ?? <LoadingNote text={t("Counting …")} />;
}

function countingOf(waiting: number): string {
  if (waiting === 0) return "";
  return waiting === 1 ? t("counting 1 row …") : t("counting {0} rows …", waiting);
}

function subjectOf(text: ComparedText): string {
  return `${placeOf(text)} · ${countedCharacters(text.characters)}`;
}

function placeOf({ name, chosen, firstLine, lastLine }: ComparedText): string {
  const lines = formatLines(firstLine, lastLine);
  switch (chosen) {
    case "given":
      return name;
    case "selection":
      return t("{0}, selection in {1}", name, lines);
    case "paragraph":
      return t("{0}, {1}, where the caret is", name, lines);
    case "file":
      return t("{0}, all of it", name);
  }
}

function Evidence({ text, rows }: { text: ComparedText; rows: readonly Row[] }) {
  return (
    <dl>
      <dt>{t("text")}</dt>
      <dd>
        {t(
          "{0} characters, {1} bytes of UTF-8; every token was counted just now, on this machine",
          formatCount(text.characters),
          formatCount(text.bytes),
        )}
      </dd>
      {rows.map((row) => (
        <Source key={row.tokenizer.name} row={row} />
      ))}
    </dl>
  );
}

function Source({ row }: { row: Row }) {
  const { tokenizer, counted } = row;
  return (
    <>
      <dt>{labelOf(row)}</dt>
      <dd>
        {tokenizer.detail}
        {tokenizer.approximate !== undefined && <div>{tokenizer.approximate}</div>}
        {counted && <div>{counted.price ? counted.price.described : t("No price is known for it.")}</div>}
      </dd>
    </>
  );
}
