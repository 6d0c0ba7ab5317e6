/** One prompt as text and as tokens, each part under the role that speaks in it. */

import { formatCount } from "../../src/shared/formatCount.js";
import "./sent.css";
import { useState } from "preact/hooks";
import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { t } from "../../src/shared/l10n.js";
import type { PromptPart, SentCall } from "../../src/shared/panels/sent.js";
import type { ModelToken, PlacedModelToken } from "../../src/shared/types.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { countedTokens } from "../ui/counted.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Button } from "../ui/toolkit.js";

export interface SentPromptProps {
  call: SentCall;
  onCopy(text: string): void;
}

/** A part with the tokens that begin in it. */
interface PartTokens {
  part: PromptPart;
  /** Position of the first of `tokens` in the whole prompt. */
  firstIndex: number;
  tokens: PlacedModelToken[];
}

type View = "tokens" | "text";

export function SentPrompt({ call, onCopy }: SentPromptProps) {
  const { estimated } = call.prompt;
  const [view, setView] = useState<View>(estimated ? "text" : "tokens");
  const [copied, setCopied] = useState(false);
  const parts = tokensByPart(call);
  const words = textOfTokens(call.resumedFrom);
  return (
    <section class="gb-sent">
      <p>{captionOf(call, parts)}</p>
      {call.prompt.joints.length > 0 && <p class="gb-sent-joints">{jointsNote(call.prompt.joints.length)}</p>}
      <div class="gb-row gb-sent-actions">
        {!estimated && (
          <>
            <Button
              pressed={view === "tokens"}
              onClick={() => setView("tokens")}
              appearance={primaryIf(view === "tokens")}
            >
              {t("As tokens")}
            </Button>
            <Button
              pressed={view === "text"}
              onClick={() => setView("text")}
              appearance={primaryIf(view === "text")}
            >
              {t("As text")}
            </Button>
          </>
        )}
        <span class="gb-spread" />
        <Button
          onClick={() => {
            onCopy(call.prompt.text + words);
            setCopied(true);
          }}
        >
          {copied ? t("Copied") : t("Copy")}
        </Button>
      </div>
      {parts.map(({ part, firstIndex, tokens }) => (
        <section key={part.start} class={`gb-part gb-part-${part.role}`}>
          <h2>
            {estimated && part.role === "template" ? t("role") : ROLES[part.role]}{" "}
            {!estimated && <span class="gb-dim">{countedTokens(tokens.length)}</span>}
          </h2>
          {view === "tokens" ? (
            <Strip tokens={tokens} firstIndex={firstIndex} />
          ) : (
            <pre>{call.prompt.text.slice(part.start, part.end)}</pre>
          )}
        </section>
      ))}
      {call.resumedFrom.length > 0 && (
        <section class="gb-part gb-part-assistant">
          <h2>
            {t("the model’s own words so far")}{" "}
            <span class="gb-dim">{countedTokens(call.resumedFrom.length)}</span>
          </h2>
          {view === "tokens" ? (
            <Strip tokens={call.resumedFrom} firstIndex={call.prompt.tokens.length} />
          ) : (
            <pre>{words}</pre>
          )}
        </section>
      )}
      <p class="gb-dim">
        {call.grammar === undefined
          ? t("Here the model begins to write.")
          : t("Here the model begins to write, and only what the grammar lets through: see How do you know.")}
      </p>
    </section>
  );
}

const ROLES: Record<PromptPart["role"], string> = {
  template: t("template"),
  system: t("system"),
  user: t("user"),
  assistant: t("assistant, an example answer"),
};

function primaryIf(chosen: boolean): "primary" | "secondary" {
  return chosen ? "primary" : "secondary";
}

/** Chips in the prompt's order; a token with a line break ends the line, as it does in the text. */
function Strip({ tokens, firstIndex }: { tokens: readonly ModelToken[]; firstIndex: number }) {
  return (
    <div class="gb-strip">
      {tokens.flatMap((token, offset) => {
        const index = firstIndex + offset;
        const chip = <TokenChip key={index} token={token} band={index} />;
        return token.bytes.includes(NEWLINE)
          ? [chip, <span key={`${index}n`} class="gb-strip-break" />]
          : [chip];
      })}
    </div>
  );
}

const NEWLINE = 0x0a;

function tokensByPart({ prompt, parts }: SentCall): PartTokens[] {
  const grouped: PartTokens[] = [];
  let index = 0;
  for (const [number, part] of parts.entries()) {
    const tokens: PlacedModelToken[] = [];
    const firstIndex = index;
    const isLast = number === parts.length - 1;
    while (index < prompt.tokens.length && (isLast || prompt.tokens[index]!.start < part.end)) {
      tokens.push(prompt.tokens[index]!);
      index++;
    }
    grouped.push({ part, firstIndex, tokens });
  }
  return grouped;
}

/** How many tokens, and who made the special ones: counted, not assumed. */
function captionOf(call: SentCall, parts: readonly PartTokens[]): string {
  const all = [...call.prompt.tokens, ...call.resumedFrom];
  if (call.prompt.estimated) {
    return t("About {0}, estimated: the server counts by its own tokenizer.", countedTokens(all.length));
  }
  const special = call.prompt.tokens.filter((token) => token.special);
  const count = countedTokens(all.length);
  if (special.length === 0) return t("{0}, none of them special.", count);
  const names = [...new Set(special.map((token) => token.name || visibleText(token.bytes)))].join(" ");
  const inMessages = parts
    .filter(({ part }) => part.role !== "template")
    .reduce((sum, { tokens }) => sum + tokens.filter((token) => token.special).length, 0);
  const origin =
    inMessages === 0
      ? t("All of them come from the template: text in a message that spells one stays plain text.")
      : inMessages === 1
        ? t("One of them stands inside a message.")
        : t("{0} of them stand inside a message.", formatCount(inMessages));
  return `${t("{0}, {1} of them special ({2}).", count, formatCount(special.length), names)} ${origin}`;
}

/** Text that spells a role marker is broken up where the template writes its markers as plain text. */
function jointsNote(count: number): string {
  return count === 1
    ? t(
        "In one place a message spelled like a role marker of the template. A word joiner (‹U+2060›) was put into it there, so that it stays text and nobody but the template changes who speaks.",
      )
    : t(
        "In {0} places a message spelled like a role marker of the template. A word joiner (‹U+2060›) was put into it there, so that it stays text and nobody but the template changes who speaks.",
        formatCount(count),
      );
}
