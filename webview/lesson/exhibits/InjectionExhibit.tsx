/** The exhibit of injection: what in a text reads like an order, what its tokens are, and what it could reach at all. */

import { useEffect } from "preact/hooks";
import { instructionAttempts } from "../../../src/core/explain/instructionAttempts.js";
import { breakMarkers } from "../../../src/core/explain/roleMarkers.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { chipOf } from "../../tokens/chipOf.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
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
      caption={
        attempts.length === 0
          ? `Nothing in these ${plural(value.tokens.length, "token")} matches the tutor’s rules of thumb. That is no proof of innocence.`
          : `${plural(attempts.length, "place")} in these ${plural(value.tokens.length, "token")} ${attempts.length === 1 ? "reads" : "read"} like an order. In the token stream nothing sets ${attempts.length === 1 ? "it" : "them"} apart from the rest.`
      }
      table={{
        columns: ["Line", "Words", "What they look like"],
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
              {plural(joints.length, "role marker")} spelled out; the tutor breaks each with an invisible
              character before the text goes into a template that writes its markers as plain text.
            </span>
          </li>
        )}
      </ul>
    </Figure>
  );
}
