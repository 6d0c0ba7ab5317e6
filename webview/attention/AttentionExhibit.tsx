/**
 * The attention exhibit: the text as tokens, and below it the map. Everything on it is computed from what the lens
 * has handed out; the panel and the lessons embed the same, the panel with more views beside the map.
 */

import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import "./attention.css";
import { useEffect, useState } from "preact/hooks";
import type { AttentionHost, AttentionSubject } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import { type Tab, Tabs } from "../ui/Tabs.js";
import { AttentionMap } from "./AttentionMap.js";
import type { ChosenView } from "./attentionState.js";
import { TokenStrip } from "./TokenStrip.js";
import type { Attention } from "./useAttention.js";
import { type AttentionView, type Look, useView } from "./useView.js";

export type { AttentionView } from "./useView.js";

export interface AttentionExhibitProps {
  attention: Attention;
  host: Caller<AttentionHost>;
  /** A request that has nothing to do with a run failed. */
  onFault(error: unknown): void;
  onView?(view: AttentionView): void;
  /** What the reader had chosen before, and a listener to what they choose. */
  chosen?: ChosenView;
  onChosen?(chosen: ChosenView): void;
  /** A token that was chosen elsewhere, each time in a new object. */
  followed?: { token: number } | undefined;
  /** More views of the same text, beside the map. */
  views?(look: Look, show: (id: string) => void, shown: string): Tab[];
}

export function AttentionExhibit(props: AttentionExhibitProps) {
  const { attention } = props;
  const { subject } = attention;
  if (!subject) return null;
  return <Exhibit {...props} subject={subject} />;
}

const MAP = "map";

function Exhibit(props: AttentionExhibitProps & { subject: AttentionSubject }) {
  const { attention, host, subject, onFault, onView, followed, views } = props;
  const { tokens } = subject;
  const look = useView(attention, subject, host, onFault, onView, props.chosen, props.onChosen);
  const [tab, setTab] = useState(MAP);
  useEffect(() => {
    if (followed) look.setQuery(followed.token);
  }, [followed]);

  const point = (token: number | undefined) => {
    look.setPointed(token);
    host.call("point", token === undefined ? null : { token }).catch(onFault);
  };
  const choose = (token: number, key?: number) => {
    look.setQuery(token, key);
    host.call("reveal", { token }).catch(onFault);
  };
  const map = <AttentionMap attention={attention} look={look} onChoose={choose} />;
  return (
    <div class="att">
      <TextNotes subject={subject} />
      <TokenStrip
        tokens={tokens}
        query={look.query}
        strengths={look.strengths}
        pointed={look.pointed}
        hiddenTokens={subject.totalTokens - tokens.length}
        hiddenIsLowerBound={subject.totalIsLowerBound}
        onChoose={(token) => choose(token)}
        onPoint={point}
      />
      {views && look.shown ? (
        <Tabs
          label={t("Questions about this text")}
          tabs={[{ id: MAP, label: t("Who looks where?"), content: map }, ...views(look, setTab, tab)]}
          shown={tab}
          onShow={setTab}
        />
      ) : (
        map
      )}
    </div>
  );
}

/** What was taken and what was left out, where that is not plain. */
function TextNotes({ subject }: { subject: AttentionSubject }) {
  const { source, tokens, totalTokens, totalIsLowerBound } = subject;
  return (
    <>
      {source.chosen === "paragraph" && (
        <p class="gb-dim">{t("Nothing was selected, so the lines around the caret were taken.")}</p>
      )}
      {(totalTokens > tokens.length || totalIsLowerBound) && <p class="att-cut-note">{cutText(subject)}</p>}
    </>
  );
}

function cutText({ tokens, totalTokens, totalIsLowerBound, limitedBy, limit }: AttentionSubject): string {
  const counts = [formatCount(tokens.length), formatCount(totalTokens), formatCount(limit)] as const;
  if (limitedBy === "context") {
    return totalIsLowerBound
      ? t("The first {0} of more than {1} tokens are shown: this model's context holds {2}.", ...counts)
      : t("The first {0} of {1} tokens are shown: this model's context holds {2}.", ...counts);
  }
  return totalIsLowerBound
    ? t(
        "The first {0} of more than {1} tokens are shown: a map of more than {2} could not be read.",
        ...counts,
      )
    : t("The first {0} of {1} tokens are shown: a map of more than {2} could not be read.", ...counts);
}
