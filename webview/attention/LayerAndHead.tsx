/** The choice of a layer and one of its heads, where the map with its small pictures is not in sight. */

import { t } from "../../src/shared/l10n.js";
import { Dropdown, Slider } from "../ui/toolkit.js";
import type { Look } from "./useView.js";

export function LayerSlider({
  look: { wantedLayer, layerCount, setLayer },
  hint,
}: {
  look: Look;
  hint?: string;
}) {
  return (
    <Slider
      label={t("Layer")}
      min={0}
      max={Math.max(0, layerCount - 1)}
      step={1}
      value={wantedLayer}
      valueText={t("{0} of 0–{1}", wantedLayer, layerCount - 1)}
      onInput={setLayer}
      {...(hint === undefined ? {} : { hint })}
    />
  );
}

export function LayerAndHead({ look }: { look: Look }) {
  const { head, shown } = look;
  const heads = (shown?.heads ?? []).map((_, index) => ({ value: `${index}`, label: `${index}` }));
  return (
    <div class="att-choice">
      <LayerSlider look={look} />
      <Dropdown
        label={t("Head")}
        value={`${head}`}
        options={head === "mean" ? [{ value: "mean", label: t("choose") }, ...heads] : heads}
        onChange={(value) => look.setHead(value === "mean" ? "mean" : Number(value))}
      />
    </div>
  );
}

/** Keys that are offered, those that are looked at most first; a cell of the map chooses any. */
const OFFERED = 64;

/** The choice of the token that is looked at. */
export function KeyChoice({ look, label }: { look: Look; label: string }) {
  const { row, query, key, labels } = look;
  const most = Array.from({ length: query + 1 }, (_, index) => index)
    .sort((a, b) => (row?.[b] ?? 0) - (row?.[a] ?? 0) || b - a)
    .slice(0, OFFERED);
  const offered = most.includes(key) ? most : [key, ...most];
  return (
    <Dropdown
      label={label}
      value={`${key}`}
      options={offered.map((index) => ({
        value: `${index}`,
        label: index === query ? t("itself") : `${index}: ${labels[index]}`,
      }))}
      onChange={(value) => look.setQuery(query, Number(value))}
    />
  );
}
