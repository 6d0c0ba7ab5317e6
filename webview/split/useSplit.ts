/** The state behind the panel: which text is cut, by which tokenizer, and what the host says of it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import type { CommonHostProtocol } from "../../src/shared/panels/panel.js";
import {
  MOST_SPLIT_CHARACTERS,
  type SplitHost,
  type SplitSource,
  type TokenizerOption,
} from "../../src/shared/panels/split.js";
import type { Caller } from "../../src/shared/rpc.js";
import { type Change, changeBetween, type SplitState, type TextView, textView } from "./splitState.js";

export interface SplitPanelProps {
  host: Caller<SplitHost & CommonHostProtocol>;
  /** The last text that the host came with unasked. */
  said: { source: SplitSource | undefined; asked: boolean; number: number } | undefined;
  /** The last tokenizer that the settings changed to. */
  chosen: { tokenizer: string; tokenizers: TokenizerOption[]; number: number } | undefined;
  initial: SplitState;
  onChange(state: SplitState): void;
}

/** The text that is cut. `at` is the character whose piece is looked at. */
interface Subject {
  text: string;
  at: number;
  edited: boolean;
}

export interface Split {
  /** False until the host has answered for the first time. */
  ready: boolean;
  source: SplitSource | undefined;
  subject: Subject | undefined;
  tokenizer: string;
  tokenizers: TokenizerOption[];
  view: TextView | undefined;
  /** What the last edit changed; undefined where the text was not edited since it came. */
  change: Change | undefined;
  error: WireError | undefined;
  follow: boolean;
  edit(text: string, caret: number): void;
  lookAt(offset: number): void;
  reset(): void;
  takeCaretText(): void;
  setFollow(on: boolean): void;
  setTokenizer(name: string): void;
  retry(): void;
}

export function useSplit({ host, said, chosen, initial, onChange }: SplitPanelProps): Split {
  const [ready, setReady] = useState(false);
  const [source, setSource] = useState<SplitSource>();
  const [subject, setSubject] = useState<Subject>();
  const [settings, setSettings] = useState<{ tokenizer: string; tokenizers: TokenizerOption[] }>();
  const [own, setOwn] = useState(initial.tokenizer);
  const [follow, setFollow] = useState(initial.follow && !initial.edited);
  const [view, setView] = useState<TextView>();
  const [change, setChange] = useState<Change>();
  const [error, setError] = useState<WireError>();
  const [attempt, setAttempt] = useState(0);
  /** The view before the edit that is under way. */
  const before = useRef<TextView>(undefined);
  const tokenizer = own ?? settings?.tokenizer ?? "";

  const fail = (thrown: unknown) => {
    if (!isCancelled(thrown)) setError(toWireError(thrown));
  };

  const show = (found: SplitSource | undefined) => {
    setSource(found);
    setSubject(found && { text: found.text, at: found.caret, edited: false });
    before.current = undefined;
    setChange(undefined);
    if (!found) setView(undefined);
  };

  useEffect(() => {
    if (ready) return;
    host.call("start", {}).then((start) => {
      setSettings(start);
      show(start.source);
      if (initial.edited) setSubject({ ...initial.edited, edited: true });
      setReady(true);
    }, fail);
  }, [attempt]);

  useEffect(() => {
    host.call("follow", { on: follow }).catch(fail);
  }, [follow]);

  useEffect(() => {
    if (!said || (!said.asked && !follow)) return;
    // Where the caret has left all texts, the last one stays.
    if (said.source || said.asked) show(said.source);
    if (said.asked) setFollow(true);
  }, [said?.number]);

  useEffect(() => {
    if (!chosen) return;
    setSettings(chosen);
    setOwn(undefined);
  }, [chosen?.number]);

  useEffect(() => {
    if (!ready) return;
    const edited = subject?.edited ? { text: subject.text, at: subject.at } : undefined;
    onChange({ edited, tokenizer: own, follow });
  }, [ready, subject, own, follow]);

  useEffect(() => {
    if (!subject || tokenizer === "") return;
    const abort = new AbortController();
    const { text, at } = subject;
    host.call("look", { text, at, tokenizer }, { signal: abort.signal }).then((found) => {
      const fresh = textView(found, text);
      setError(undefined);
      setView(fresh);
      if (before.current) setChange(changeBetween(before.current, fresh));
    }, fail);
    return () => abort.abort();
  }, [subject?.text, subject?.at, tokenizer, attempt]);

  return {
    ready,
    source,
    subject,
    tokenizer,
    tokenizers: settings?.tokenizers ?? [],
    view,
    change,
    error,
    follow,
    edit: (typed, caret) => {
      const text = typed.slice(0, MOST_SPLIT_CHARACTERS);
      before.current = view;
      setFollow(false);
      // What was just typed stands before the caret.
      setSubject({ text, at: Math.max(0, Math.min(caret, text.length) - 1), edited: true });
    },
    lookAt: (offset) => {
      if (subject && offset !== subject.at) setSubject({ ...subject, at: offset });
    },
    reset: () => show(source),
    takeCaretText: () => {
      host.call("caretText", {}).then((found) => {
        if (found) show(found);
      }, fail);
    },
    setFollow: (on) => {
      setFollow(on);
      if (on) {
        host.call("caretText", {}).then((found) => {
          if (found) show(found);
        }, fail);
      }
    },
    setTokenizer: (name) => {
      before.current = undefined;
      setChange(undefined);
      setOwn(name === settings?.tokenizer ? undefined : name);
    },
    retry: () => {
      setError(undefined);
      setAttempt(attempt + 1);
    },
  };
}
