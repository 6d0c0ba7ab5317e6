/** The map of one head: who looks at whom, with the choice of layer and head beside it. */

import { useMemo, useState } from "preact/hooks";
import {
  type AttentionSquare,
  attentionRow,
  describeHead,
  describeRow,
  formatWeight,
} from "../../src/core/lens/describe.js";
import { inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { HeatMap } from "../ui/HeatMap.js";
import { Checkbox } from "../ui/toolkit.js";
import { AgreementLine } from "./AgreementLine.js";
import { ArcView, drawnTokens, FAINTEST_ARC } from "./ArcView.js";
import { HeadPicker } from "./HeadPicker.js";
import { LayerSlider } from "./LayerAndHead.js";
import { ScaleChoice } from "./ScaleChoice.js";
import type { Attention } from "./useAttention.js";
import type { Look } from "./useView.js";

/** "Layer 3, head 2", as every caption begins. */
export function placeName({ layer, head }: Pick<Look, "layer" | "head">): string {
  return head === "mean" ? t("Layer {0}, mean of all heads", layer) : t("Layer {0}, head {1}", layer, head);
}

/** What one cell of a map says. */
export function looksText(labels: readonly string[], query: number, key: number, weight: number): string {
  return t("“{0}” looks at “{1}”: {2}", labels[query] ?? "", labels[key] ?? "", formatWeight(weight));
}

export function AttentionMap({
  attention,
  look,
  onChoose,
}: {
  attention: Attention;
  look: Look;
  onChoose(token: number, key: number): void;
}) {
  const { labels, wantedLayer, layer, head, query, firstAside, scale, shown, square } = look;
  const { tokens } = look.subject;
  // One object for one square, or the map would be drawn anew whenever the page is.
  const data = useMemo(
    () => square && { rowLabels: labels, columnLabels: labels, values: square.weights, causal: true },
    [square, labels],
  );
  const [arcs, setArcs] = useState(false);
  if (!shown || !square || !data) return null;
  const drawn = drawnTokens(look);
  const cellText = (of: number, key: number) =>
    looksText(labels, of, key, square.weights[of * tokens.length + key] ?? 0);
  const where = placeName(look);
  return (
    <div class="att-body">
      <div class="att-map">
        <Figure
          name="map"
          caption={`${where}: ${describeRow(square, look.named, query, firstAside)}`}
          table={{
            columns: ["query (looks)", "key (is looked at)", "weight"],
            heads: [t("query (looks)"), t("key (is looked at)"), t("weight")],
            rows: () => tableRows(square, labels, query, (weight) => inLanguage(weight.toPrecision(4))),
            exact: () => tableRows(square, labels, query, String),
          }}
        >
          {arcs ? (
            <>
              <ArcView look={look} label={t("Attention as arcs, {0}", where)} />
              <p class="gb-dim">
                {t(
                  "Arcs run up from each token to what it looks at, thicker as the weight is larger; the chosen token’s stand out. Below {0} none is drawn.",
                  inLanguage(String(FAINTEST_ARC)),
                )}
                {drawn.to - drawn.from < tokens.length && (
                  <>
                    {" "}
                    {t(
                      "Of {0} those from {1} to {2} are drawn.",
                      countedTokens(tokens.length),
                      drawn.from,
                      drawn.to - 1,
                    )}
                  </>
                )}
              </p>
            </>
          ) : (
            <HeatMap
              label={t("Attention, {0}: rows look, columns are looked at", where)}
              data={data}
              scale={scale}
              chosenRow={query}
              describe={cellText}
              formatValue={formatWeight}
              onChoose={(cell) => onChoose(cell.row, cell.column)}
              onCell={(cell) => look.setPointed(cell?.column)}
            />
          )}
        </Figure>
        <AgreementLine attention={attention} total={tokens.length} />
      </div>
      <div class="att-pick">
        <LayerSlider
          look={look}
          hint={t(
            "Layers near the input look at words and places, later ones at what the layers before have found.",
          )}
        />
        {wantedLayer >= attention.layers && attention.phase.kind === "running" && (
          <p class="gb-dim">{t("Layer {0} is still being computed.", wantedLayer)}</p>
        )}
        <HeadPicker
          layer={layer}
          heads={shown.heads}
          mean={shown.mean}
          scores={shown.scores}
          chosen={head}
          scale={scale}
          onChoose={look.setHead}
        />
        <p class="att-habit">
          {head === "mean"
            ? t("The mean of all heads hides what single heads do.")
            : describeHead(shown.scores[head] ?? [])}
        </p>
        <Checkbox label={t("Set the first token aside")} checked={firstAside} onChange={look.setAside} />
        <p class="gb-dim">
          {t(
            "Heads that find nothing to look at rest on the first token. Without it, each row is shared out anew among the other tokens.",
          )}
        </p>
        <ScaleChoice look={look} />
        <Checkbox label={t("Arcs in place of the map")} checked={arcs} onChange={setArcs} />
      </div>
    </div>
  );
}

/** Every cell as a row of text: the chosen query first, strongest first; then the others in text order. */
function tableRows(
  square: AttentionSquare,
  labels: readonly string[],
  query: number,
  written: (weight: number) => string,
): string[][] {
  const cells = (of: number) =>
    Array.from({ length: of + 1 }, (_, key) => ({ key, weight: attentionRow(square, of)[key] ?? 0 }));
  const line = (of: number) => (cell: { key: number; weight: number }) => [
    `${of} ${labels[of]}`,
    `${cell.key} ${labels[cell.key]}`,
    written(cell.weight),
  ];
  const chosen = cells(query).sort((a, b) => b.weight - a.weight);
  const others = Array.from({ length: square.tokenCount }, (_, of) => of).filter((of) => of !== query);
  return [...chosen.map(line(query)), ...others.flatMap((of) => cells(of).map(line(of)))];
}
