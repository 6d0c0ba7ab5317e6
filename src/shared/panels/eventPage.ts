/** What the host asks of a page whose state is made of events: a state to begin with, then what happens to it. */

import type { Method } from "../rpc.js";

export interface EventPage<State, Event> {
  opened: Method<State, null>;
  /** In the order in which they happened. */
  happened: Method<{ events: Event[] }, null>;
}
