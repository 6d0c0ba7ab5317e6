/** A page that keeps the state that the host's events make, and draws it anew after each batch of them. */

import type { ComponentChild } from "preact";
import type { EventPage } from "../src/shared/panels/eventPage.js";
import type { CommonHostProtocol, ModelState } from "../src/shared/panels/panel.js";
import type { Caller, ProtocolOf } from "../src/shared/rpc.js";
import { connectToHost } from "./host.js";
import { mount } from "./ui/mount.js";

export interface EventPanel<State, Host extends ProtocolOf<Host>> {
  /** Changes with every state that is opened: as a key, it gives the new one fresh fields. */
  opened: number;
  state: State;
  model: ModelState;
  host: Caller<Host & CommonHostProtocol>;
}

/** Connects the page to its host; nothing is drawn before the host has opened a state. */
export function showEvents<State, Event, Host extends ProtocolOf<Host>>(
  afterEvent: (state: State, event: Event) => State,
  panel: (shown: EventPanel<State, Host>) => ComponentChild,
): void {
  let opening: { state: State } | undefined;
  let opened = 0;
  let model: ModelState = { kind: "none" };

  const host = connectToHost<Host, EventPage<State, Event>>({
    opened: (state) => {
      opening = { state };
      opened++;
      draw();
      return null;
    },
    happened: ({ events }) => {
      if (opening) opening = { state: events.reduce(afterEvent, opening.state) };
      draw();
      return null;
    },
    modelChanged: (changed) => {
      model = changed;
      draw();
      return null;
    },
  });

  function draw(): void {
    if (opening) mount(panel({ opened, state: opening.state, model, host }));
  }
}
