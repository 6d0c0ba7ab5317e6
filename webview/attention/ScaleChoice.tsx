/** Linear or logarithmic: the same choice for all maps of the panel. */

import { t } from "../../src/shared/l10n.js";
import { Checkbox } from "../ui/toolkit.js";
import type { Look } from "./useView.js";

export function ScaleChoice({ look }: { look: Pick<Look, "scale" | "setScale"> }) {
  return (
    <Checkbox
      label={t("Logarithmic scale")}
      checked={look.scale === "log"}
      onChange={(log) => look.setScale(log ? "log" : "linear")}
    />
  );
}
