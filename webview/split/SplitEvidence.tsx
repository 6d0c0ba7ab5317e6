/** How the panel knows: the expression that was run, by what, and how long it took. */

import { formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { TextView } from "./splitState.js";

export function SplitEvidence({ view }: { view: TextView }) {
  const { rule, tokenizer, ms } = view;
  const pattern = rule?.pattern;
  return (
    <>
      <p>
        {t(
          "Pieces and tokens are those of the encoder that counts in the editor. The rule is found by running each alternative of the tokenizer’s published expression at the place where the piece begins; it is named only where the first that matches takes exactly this piece. The merges are replayed from the tokenizer’s own ranks.",
        )}
      </p>
      <dl>
        <dt>{t("tokenizer")}</dt>
        <dd>{tokenizer}</dd>
        {pattern !== undefined && (
          <>
            <dt>{t("expression")}</dt>
            <dd>
              <code>{pattern}</code>
            </dd>
          </>
        )}
        <dt>{t("this took")}</dt>
        <dd>
          {ms < 1
            ? t("less than 1 ms in the extension host")
            : t("{0} ms in the extension host", formatFixed(ms, 1))}
        </dd>
      </dl>
    </>
  );
}
