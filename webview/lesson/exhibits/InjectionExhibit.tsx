/** The exhibit of injection: what in a text reads like an order, what its tokens are, and what it could reach at all. */

import { useEffect } from "preact/hooks";
import { instructionAttempts } from "../../../src/core/explain/instructionAttempts.js";
import { breakMarkers } from "../../../src/core/explain/roleMarkers.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { chipOf } from "../../tokens/chipOf.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { ErrorNote } from "../../ui/notes.js";
import { TokenChip } from "../../ui/TokenChip.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "injection" }>;

/** Markers that some templates write as plain text, which is why the tutor breaks them up. */
const PLAIN_MARKERS = ["<|system|>", "<|user|>", "<|assistant|>", "[INST]", "[/INST]"];

export function InjectionExhibit({ text, encoding, host, covered, onInstrument }: ExhibitProps<Config>) {
  const attempts = instructionAttempts(text, "text", 0);
  const { joints } = breakMarkers(text, PLAIN_MARKERS);
  const { value, error, again } = useAnswer(`${encoding}\n${text}`, async (signal) => ({
    text,
    tokens: await host.call("encode", { text, encoding }, { signal }),
  }));

  useEffect(() => {
    if (!value) return;
    onInstrument({
      text: value.text,
      readings: { attempts: instructionAttempts(value.text, "text", 0).length, tokens: value.tokens.length },
      setting: value.text,
      guesses: {},
    });
  }, [value]);

  if (error) return <ErrorNote error={error} retry={again} />;
  if (covered || !value) return null;
  return (
    <Figure
      caption={captionOf(attempts.length, countedTokens(value.tokens.length))}
      table={{
        columns: [t("Line"), t("Words"), t("What they look like")],
        rows: () =>
          attempts.map(({ line, quote, looksLike }) => [
            line === undefined ? "" : String(line + 1),
            quote,
            looksLike,
          ]),
      }}
    >
      <div class="gb-strip">
        {value.tokens.map((token, at) => (
          <TokenChip key={`${at} ${token.id}`} token={chipOf(token)} band={at} />
        ))}
      </div>
      <ul class="lesson-attempts">
        {attempts.map(({ line, quote, looksLike }) => (
          <li key={`${line} ${quote} ${looksLike}`}>
            <code>{quote}</code> <span class="gb-dim">{looksLike}</span>
          </li>
        ))}
        {joints.length > 0 && (
          <li>
            <span class="gb-dim">
              {joints.length === 1
                ? t(
                    "1 role marker spelled out; the tutor breaks each with an invisible character before the text goes into a template that writes its markers as plain text.",
                  )
                : t(
                    "{0} role markers spelled out; the tutor breaks each with an invisible character before the text goes into a template that writes its markers as plain text.",
                    formatCount(joints.length),
                  )}
            </span>
          </li>
        )}
      </ul>
    </Figure>
  );
}

function captionOf(attempts: number, tokens: string): string {
  if (attempts === 0) {
    return t(
      "Nothing in these {0} matches the tutor’s rules of thumb. That is no proof of innocence.",
      tokens,
    );
  }
  return attempts === 1
    ? t(
        "1 place in these {0} reads like an order. In the token stream nothing sets it apart from the rest.",
        tokens,
      )
    : t(
        "{1} places in these {0} read like an order. In the token stream nothing sets them apart from the rest.",
        tokens,
        formatCount(attempts),
      );
}
