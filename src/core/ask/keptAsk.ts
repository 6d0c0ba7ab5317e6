/** What is kept of questions and answers while the window is closed, and what comes back of it. */

import { fromBytesJson, toBytesJson } from "../../shared/bytesJson.js";
import type { AskState, AskTurn } from "../../shared/panels/ask.js";

/** Changes with the shape of the state: what another version has kept is not read. */
const VERSION = 1;
/** UTF-16 units: VS Code keeps such things in memory, and warns of more than half a million. */
const MOST_KEPT = 400_000;

interface Kept {
  version: number;
  state: AskState;
  /** Questions of before that took too much room. */
  dropped: number;
}

/** What comes back of questions that were asked before the window was closed. */
export interface ReturnedAsk {
  state: AskState;
  /** How many earlier questions are gone. */
  gone: number;
}

/** The state as text, with as many of the last questions as there is room for; "" where there is none for any. */
export function keptAsk(state: AskState, most = MOST_KEPT): string {
  for (let dropped = 0; dropped <= state.turns.length; dropped++) {
    const kept: Kept = {
      version: VERSION,
      state: { ...state, turns: state.turns.slice(dropped) },
      dropped,
    };
    const text = toBytesJson(kept);
    if (text.length <= most) return text;
  }
  return "";
}

/** The state that was kept; undefined where it is none of ours. A question that was being answered was stopped. */
export function returnedAsk(text: string): ReturnedAsk | undefined {
  if (text === "") return undefined;
  const kept = fromBytesJson(text) as Partial<Kept>;
  if (kept.version !== VERSION || !kept.state) return undefined;
  const turns = kept.state.turns.map((turn): AskTurn => {
    if (turn.phase !== "asking") return turn;
    const calls = turn.calls.map((call) => ({ ...call, end: call.end ?? ("stopped" as const) }));
    return { ...turn, phase: "stopped", calls };
  });
  return { state: { ...kept.state, turns }, gone: kept.dropped ?? 0 };
}
