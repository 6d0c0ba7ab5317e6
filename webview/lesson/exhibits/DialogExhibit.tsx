/** The exhibit of a conversation: what is sent each time the user speaks, and what no longer fits into the window. */

import { useEffect, useState } from "preact/hooks";
import { sentTurns } from "../../../src/core/lessons/dialogWindow.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { DialogTurn, ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedMessages, countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button, LinkButton, Slider, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "dialog" }>;

const SMALLEST_WINDOW = 8;
const MOST_TURNS = 24;
const NAMES = {
  system: t("System"),
  user: t({ message: "You", comment: "the user in a conversation" }),
  assistant: t("Model"),
} as const;

export function DialogExhibit(props: ExhibitProps<Config>) {
  const { config, host, covered, onInstrument } = props;
  const encoding = config.encoding || props.encoding;
  const [turns, setTurns] = useState<DialogTurn[]>(config.turns);
  const [chosen, setWindow] = useState(config.window);
  const [typed, setTyped] = useState("");
  const { value, error, again } = useAnswer(`${encoding}\n${JSON.stringify(turns)}`, (signal) =>
    host.call(
      "measure",
      { facts: turns.map(({ text }) => ({ fact: "token-count" as const, text, encoding })) },
      { signal },
    ),
  );
  const counts = value && value.length === turns.length ? value : undefined;
  const pinned = turns[0]?.role === "system";
  const speaks = turns.map(({ role }) => role === "user");
  // A window that is too small for a message alone would take nothing at all.
  const smallest = Math.max(SMALLEST_WINDOW, ...(counts ?? []).filter((_, at) => speaks[at]));
  const window = Math.max(chosen, smallest);
  const sent = counts ? sentTurns(counts, speaks, window, pinned) : [];
  const last = sent.at(-1);
  const total = sent.reduce((sum, { tokens }) => sum + tokens, 0);
  const ownTokens = counts?.reduce((sum, count) => sum + count, 0) ?? 0;
  const firstSpoken = pinned ? 1 : 0;
  const key = JSON.stringify([turns, window, counts]);

  useEffect(() => {
    onInstrument({
      text: key,
      readings: last
        ? {
            window,
            "turns-kept": last.kept.length,
            "first-kept": last.kept.includes(firstSpoken) ? 1 : 0,
            "sent-tokens": total,
            "own-tokens": ownTokens,
          }
        : {},
      setting: t("a window of {0}", countedTokens(window)),
      guesses: {},
    });
  }, [key]);

  const say = () => {
    if (typed.trim() === "" || turns.length >= MOST_TURNS) return;
    setTurns([...turns, { role: "user", text: typed.trim() }]);
    setTyped("");
  };
  if (error) return <ErrorNote error={error} retry={again} />;
  return (
    <>
      <Slider
        label={t("Context window")}
        min={smallest}
        max={Math.max(config.window * 2, Math.ceil(ownTokens * 1.2))}
        step={1}
        value={window}
        valueText={countedTokens(window)}
        onInput={setWindow}
      />
      <ol class="lesson-turns">
        {turns.map(({ role, text }, at) => {
          const kept = last?.kept.includes(at) ?? true;
          return (
            // Messages are only added at the end: places serve as keys.
            <li key={`turn ${at + 1}`} data-kept={kept} data-role={role}>
              <span class="gb-dim">
                {NAMES[role]}
                {counts && `, ${countedTokens(counts[at] ?? 0)}`}
                {!covered && !kept && <> · {t("no longer sent")}</>}
              </span>
              <span class="lesson-turn-text">{text}</span>
            </li>
          );
        })}
      </ol>
      <div class="gb-row">
        <TextField
          label={t("Say something more")}
          labelHidden
          placeholder={t("Say something more")}
          size={36}
          value={typed}
          onInput={setTyped}
          onEnter={say}
        />
        <Button onClick={say} disabled={typed.trim() === ""}>
          {t("Send")}
        </Button>
        {turns !== config.turns && (
          <LinkButton onClick={() => setTurns(config.turns)}>{t("Begin again")}</LinkButton>
        )}
      </div>
      {!covered && last && (
        <Figure
          caption={t(
            "Each of your {0} sent everything that fitted: {1} tokens in all, for a conversation of {2}.",
            countedMessages(sent.length),
            formatCount(total),
            formatCount(ownTokens),
          )}
          table={{
            columns: [t("Your message"), t("Messages sent with it"), t("Tokens sent")],
            rows: () =>
              sent.map(({ kept, tokens }, at) => [
                String(at + 1),
                String(kept.length - 1),
                formatCount(tokens),
              ]),
          }}
        >
          <Bars
            bars={sent.map(({ tokens, kept }, at) => ({
              key: `message ${at + 1}`,
              label: t("your message {0}", at + 1),
              share: tokens / Math.max(...sent.map((other) => other.tokens), 1),
              value: `${countedTokens(tokens)}, ${countedMessages(kept.length)}`,
            }))}
          />
        </Figure>
      )}
    </>
  );
}
