/** The exhibit of schools: one prompt continued by the built-in base model, and answered by the loaded chat model. */

import { useEffect } from "preact/hooks";
import { t } from "../../../src/shared/l10n.js";
import type { ExperimentHost } from "../../../src/shared/panels/experiments.js";
import type { ExhibitConfig, WriteRequest, Written } from "../../../src/shared/panels/lesson.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatDuration } from "../../ui/format.js";
import { EmptyNote, ErrorNote } from "../../ui/notes.js";
import { Button, Spinner } from "../../ui/toolkit.js";
import "./experiments.css";
import { embeddedHost } from "./embeddedHost.js";
import { modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "schools" }>;

const MOST_TOKENS = 60;
const SEED = 1;

interface Column {
  text: string;
  done: Written | undefined;
}

interface Both {
  base: Column;
  chat: Column;
  /** Whether the active model has a chat template. */
  chats: boolean;
}

const NOTHING: Column = { text: "", done: undefined };

export function SchoolsExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, covered, onInstrument } = props;
  const own = embeddedHost<ExperimentHost>(host, id, text);
  const task = useTask<Both>(`${modelFile(model)}\n${text}`);
  const { value } = task;

  useEffect(() => {
    const { base, chat, chats } = value ?? { base: NOTHING, chat: NOTHING, chats: false };
    const ended = ({ done }: Column) => Number(done?.stop === "end-of-turn");
    onInstrument({
      text,
      readings: {
        ...(base.done && { "base-tokens": base.done.tokens.length, "base-ended": ended(base) }),
        ...(chat.done && chats && { "chat-tokens": chat.done.tokens.length, "chat-ended": ended(chat) }),
        ...(base.done &&
          chat.done &&
          chats && { "added-tokens": chat.done.sentTokens - base.done.sentTokens }),
      },
      setting: text,
      guesses: {},
    });
  }, [text, value]);

  const begin = () =>
    task.begin(async (signal, show) => {
      let both: Both = { base: NOTHING, chat: NOTHING, chats: true };
      const tell = (part: Partial<Both>) => {
        both = { ...both, ...part };
        show(both);
      };
      tell({});
      const common = { maxTokens: MOST_TOKENS, temperature: 0, seed: SEED, stopTexts: [] };
      const column = async (
        name: "base" | "chat",
        request: WriteRequest,
        ask: (request: WriteRequest, onText: (piece: Uint8Array) => void) => Promise<Written>,
      ) => {
        const decoder = new TextDecoder();
        let sofar = "";
        const done = await ask(request, (piece) => {
          sofar += decoder.decode(piece, { stream: true });
          tell({ [name]: { text: sofar, done: undefined } });
        });
        tell({ [name]: { text: done.text, done } });
      };
      await column("base", { ...common, prompt: text }, (request, onText) =>
        own.call("writeBuiltIn", request, { signal, onEvent: ({ token }) => onText(token.bytes) }),
      );
      const { model: active } = await own.call("read", { text: "" }, { signal });
      if (!active.chat) {
        tell({ chats: false });
        return;
      }
      await column("chat", { ...common, prompt: [{ role: "user", text }] }, (request, onText) =>
        host.call("write", request, { signal, onEvent: ({ token }) => onText(token.bytes) }),
      );
    });

  return (
    <>
      <div class="gb-row">
        <Button appearance="primary" onClick={begin} disabled={task.running || text.trim() === ""}>
          {t("Let both go on")}
        </Button>
        {task.running && <Button onClick={task.stop}>{t("Stop")}</Button>}
        {task.running && <Spinner label={t("The models write")} />}
      </div>
      {task.error && <ErrorNote error={task.error} retry={begin} />}
      {!covered && value && (
        <Figure
          caption={captionOf(value)}
          table={{
            columns: [t("Model"), t("What it was sent"), t("What it wrote"), t("Stopped")],
            rows: () =>
              [value.base, value.chat].flatMap(({ done }) =>
                done ? [[done.model, done.sent, done.text, stopOf(done)]] : [],
              ),
          }}
        >
          <div class="lesson-columns">
            <WrittenColumn title={t("A base model goes on")} prompt={text} column={value.base} />
            {value.chats ? (
              <WrittenColumn title={t("A chat model answers")} prompt={undefined} column={value.chat} />
            ) : (
              <EmptyNote
                text={t(
                  "The loaded model has never been taught to chat. With a chat model its answer stands here.",
                )}
                action={{ label: t("Choose a model"), run: () => void host.call("chooseModel", {}) }}
              />
            )}
          </div>
        </Figure>
      )}
    </>
  );
}

function WrittenColumn(props: { title: string; prompt: string | undefined; column: Column }) {
  const { title, prompt, column } = props;
  const { done } = column;
  return (
    <div class="lesson-column">
      <h3>{title}</h3>
      <p class="lesson-written" dir="auto">
        {prompt !== undefined && <span class="gb-dim">{prompt}</span>}
        {column.text}
        {!done && column.text !== "" && <span aria-hidden="true"> …</span>}
      </p>
      {done && (
        <p class="gb-dim">
          {t(
            "{0}: {1} in {2}; {3}.",
            done.model,
            countedTokens(done.tokens.length),
            formatDuration(done.ms),
            stopOf(done),
          )}
        </p>
      )}
    </div>
  );
}

function stopOf({ stop, tokens }: Written): string {
  switch (stop) {
    case "end-of-turn":
      return t("it ended by itself");
    case "context-full":
      return t("its context was full");
    default:
      return t("cut after {0}", countedTokens(tokens.length));
  }
}

function captionOf({ base, chat, chats }: Both): string {
  if (!base.done) return t("The base model goes on with the text.");
  const sent = countedTokens(base.done.sentTokens);
  if (!chats) return t("The base model was sent {0}, the text itself, and went on with it.", sent);
  if (!chat.done) {
    return t(
      "The base model was sent {0}, the text itself, and went on with it; the chat model is being asked.",
      sent,
    );
  }
  return t(
    "The base model was sent {0}, the text itself, and went on with it; the chat model was sent {1}, with the marks of its template, and answered: {2}.",
    sent,
    chat.done.sentTokens,
    stopOf(chat.done),
  );
}
