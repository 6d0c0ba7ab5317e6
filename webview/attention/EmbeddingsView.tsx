/** "Which tokens are alike?": nearest neighbours in the model's own embeddings, and sums of words. */

import { useState } from "preact/hooks";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { AttentionHost, Neighbours } from "../../src/shared/panels/attention.js";
import { quoted } from "../../src/shared/quoted.js";
import type { Caller } from "../../src/shared/rpc.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { ModelToken } from "../../src/shared/types.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import { Figure } from "../ui/Figure.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Track } from "../ui/Track.js";
import { Button, TextField } from "../ui/toolkit.js";
import { onlyToken } from "./onlyToken.js";
import { useAsked } from "./useAsked.js";
import type { Look } from "./useView.js";

interface EmbeddingProps {
  host: Caller<AttentionHost>;
  look: Look;
  /** The finished run; undefined while nobody looks or there is none. */
  run: LensRun | undefined;
}

type Found = Neighbours & { tokens: ModelToken[] };

export function EmbeddingsView({ host, look, run }: EmbeddingProps) {
  const { labels, query, subject } = look;
  const id = subject.tokens[query]?.id ?? 0;
  const { asked, again } = useAsked(run && JSON.stringify([run.run, id]), (signal) =>
    host.call("neighbours", { plus: [id], minus: [] }, { signal }),
  );
  return (
    <>
      <p class="gb-dim">
        {t(
          "Before the first layer a token is nothing but its embedding: one of {0} rows of numbers that the model has learned. Tokens that are used alike come to point the same way.",
          formatCount(subject.model.vocabularySize),
        )}
      </p>
      {asked.kind === "asking" && <LoadingNote text={t("Comparing with every token of the vocabulary …")} />}
      {asked.kind === "failed" && <ErrorNote error={asked.error} retry={again} />}
      {asked.kind === "answered" && (
        <Nearest found={asked.answer} what={quoted(labels[query] ?? "")} name="neighbours" />
      )}
      <h2>{t("Add and subtract")}</h2>
      <Arithmetic host={host} run={run} />
    </>
  );
}

function Nearest({ found, what, name }: { found: Found; what: string; name: string }) {
  const tokens = new Map(found.tokens.map((token) => [token.id, token]));
  const [first] = found.nearest;
  if (!first) return <EmptyNote text={t("Nothing is left of this sum, so it points nowhere.")} />;
  return (
    <Figure
      name={name}
      caption={t(
        "Of {0} tokens “{1}” is nearest to {2}: the cosine of the angle between them is {3}, where 1 is the same direction and 0 a right angle.",
        formatCount(found.compared),
        tokenName(tokens.get(first.id)),
        what,
        formatFixed(first.cosine, 2),
      )}
      table={{
        columns: ["token", "id", "cosine"],
        heads: [t("token"), t("id"), t("cosine")],
        rows: () =>
          found.nearest.map(({ id, cosine }) => [tokenName(tokens.get(id)), `${id}`, formatFixed(cosine, 4)]),
        exact: () => found.nearest.map(({ id, cosine }) => [tokenName(tokens.get(id)), id, cosine]),
      }}
    >
      <ul class="att-bars">
        {found.nearest.map(({ id, cosine }) => {
          const token = tokens.get(id);
          return (
            <li key={id}>
              <span>{token && <TokenChip token={token} />}</span>
              <Track share={cosine} />
              <span>{formatFixed(cosine, 2)}</span>
            </li>
          );
        })}
      </ul>
    </Figure>
  );
}

/** What was typed, when it was asked for. */
interface Sum {
  plus: string;
  minus: string;
  and: string;
}

function Arithmetic({ host, run }: { host: Caller<AttentionHost>; run: LensRun | undefined }) {
  const [typed, setTyped] = useState<Sum>({ plus: "king", minus: "man", and: "woman" });
  const [sum, setSum] = useState<Sum>();
  const { asked, again } = useAsked(run && sum && JSON.stringify([run.run, sum]), async (signal) => {
    const ids = async (text: string) =>
      text.trim() === "" ? [] : [(await onlyToken(host, text, signal)).id];
    const [plus, minus, and] = [await ids(sum!.plus), await ids(sum!.minus), await ids(sum!.and)];
    return host.call("neighbours", { plus: [...plus, ...and], minus }, { signal });
  });
  const start = () => setSum(typed);
  const field = (label: string, part: keyof Sum) => (
    <TextField
      label={label}
      size={10}
      value={typed[part]}
      onInput={(value) => setTyped({ ...typed, [part]: value })}
      onEnter={start}
    />
  );
  return (
    <>
      <div class="gb-row att-sum">
        {field(t({ message: "take", comment: "the first word of a sum" }), "plus")}
        {field(t("minus"), "minus")}
        {field(t("plus"), "and")}
        <Button disabled={!run} onClick={start}>
          {t("Find the nearest")}
        </Button>
      </div>
      {sum && asked.kind === "asking" && <LoadingNote text={t("Comparing …")} />}
      {sum && asked.kind === "failed" && <ErrorNote error={asked.error} retry={again} />}
      {sum && asked.kind === "answered" && <Nearest found={asked.answer} what={sumText(sum)} name="sum" />}
    </>
  );
}

function sumText({ plus, minus, and }: Sum): string {
  const parts = [plus.trim(), minus.trim() && `− ${minus.trim()}`, and.trim() && `+ ${and.trim()}`];
  return quoted(parts.filter(Boolean).join(" "));
}
