/** The exhibit of a conversation: what is sent each time the user speaks, and what no longer fits into the window. */

import { useEffect, useState } from "preact/hooks";
import { sentTurns } from "../../../src/core/lessons/dialogWindow.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import type { DialogTurn, ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button, LinkButton, Slider, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "dialog" }>;

const SMALLEST_WINDOW = 8;
const MOST_TURNS = 24;
const NAMES = { system: "System", user: "You", assistant: "Model" } as const;

export function DialogExhibit(props: ExhibitProps<Config>) {
  const { config, host, covered, onInstrument } = props;
  const encoding = config.encoding || props.encoding;
  const [turns, setTurns] = useState<DialogTurn[]>(config.turns);
  const [window, setWindow] = useState(config.window);
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
      setting: `a window of ${plural(window, "token")}`,
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
        label="Context window"
        min={SMALLEST_WINDOW}
        max={Math.max(config.window * 2, Math.ceil(ownTokens * 1.2))}
        step={1}
        value={window}
        valueText={plural(window, "token")}
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
                {counts && `, ${plural(counts[at] ?? 0, "token")}`}
                {!covered && !kept && " · no longer sent"}
              </span>
              <span class="lesson-turn-text">{text}</span>
            </li>
          );
        })}
      </ol>
      <div class="gb-row">
        <TextField
          label="Say something more"
          labelHidden
          placeholder="Say something more"
          size={36}
          value={typed}
          onInput={setTyped}
          onEnter={say}
        />
        <Button onClick={say} disabled={typed.trim() === ""}>
          Send
        </Button>
        {turns !== config.turns && (
          <LinkButton onClick={() => setTurns(config.turns)}>Begin again</LinkButton>
        )}
      </div>
      {!covered && last && (
        <Figure
          caption={`Each of your ${plural(sent.length, "message")} sent everything that fitted: ${formatCount(total)} tokens in all, for a conversation of ${formatCount(ownTokens)}.`}
          table={{
            columns: ["Your message", "Messages sent with it", "Tokens sent"],
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
              label: `your message ${at + 1}`,
              share: tokens / Math.max(...sent.map((other) => other.tokens), 1),
              value: `${plural(tokens, "token")}, ${plural(kept.length, "message")}`,
            }))}
          />
        </Figure>
      )}
    </>
  );
}
