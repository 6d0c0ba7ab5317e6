/** All heads of a layer as small maps, and their mean: one is chosen and shown large. */

import type { CSSProperties } from "preact";

import { type AttentionSquare, formatWeight, HABITS } from "../../src/core/lens/describe.js";
import { t } from "../../src/shared/l10n.js";
import type { HeadScore } from "../../src/shared/panels/attention.js";
import { HeatMapThumbnail } from "../ui/HeatMap.js";
import type { HeatScale } from "../ui/heatScale.js";
import { useCanvasTheme } from "../ui/theme.js";
import { useUniqueId } from "../ui/uniqueId.js";

/** A head by its number, or the mean over all heads of the layer. */
export type HeadChoice = number | "mean";

/** Side of a small map in CSS pixels; models with many heads get smaller ones. */
function sideFor(headCount: number): number {
  return headCount > 12 ? 36 : 48;
}

export interface HeadPickerProps {
  layer: number;
  heads: readonly AttentionSquare[];
  mean: AttentionSquare;
  /** What each head does on this text, strongest habit first. */
  scores: readonly (readonly HeadScore[])[];
  chosen: HeadChoice;
  scale: HeatScale;
  onChoose(head: HeadChoice): void;
}

export function HeadPicker(props: HeadPickerProps) {
  const name = useUniqueId();
  const theme = useCanvasTheme();
  const side = sideFor(props.heads.length);
  const option = (choice: HeadChoice, square: AttentionSquare, title: string) => (
    <label key={choice} class={`att-head${choice === props.chosen ? " att-head-chosen" : ""}`} title={title}>
      <input
        type="radio"
        class="gb-visually-hidden"
        name={name}
        value={choice}
        checked={choice === props.chosen}
        aria-label={title}
        onChange={() => props.onChoose(choice)}
      />
      <HeatMapThumbnail
        data={{ size: square.tokenCount, values: square.weights }}
        scale={props.scale}
        theme={theme}
        side={side}
      />
      <span>{choice === "mean" ? t("mean") : choice}</span>
    </label>
  );
  return (
    <fieldset class="att-heads">
      <legend>{t("Heads of layer {0}", props.layer)}</legend>
      <div style={{ "--att-thumb": `${side + 8}px` } as CSSProperties}>
        {option("mean", props.mean, t("Mean of all heads"))}
        {props.heads.map((square, head) => option(head, square, headTitle(head, props.scores[head]?.[0])))}
      </div>
    </fieldset>
  );
}

function headTitle(head: number, best: HeadScore | undefined): string {
  return best
    ? t("Head {0}: {1} {2}", head, HABITS[best.habit].label, formatWeight(best.score))
    : t("Head {0}", head);
}
