/**
 * Events on their way to a page: one that comes alone goes at once, those that come within a frame go together, and the
 * tokens of an answer, but for its first, a few at a time.
 */

/** A frame: a page does not draw more often. */
const FRAME_MS = 16;
/**
 * Tokens go when there are so many of them, or after so long: still several times a second. Each message wakes the
 * page's process, for which an engine that uses all cores has to stand back.
 */
const ENOUGH = 3;
const WAIT_MS = 150;

export class EventBatch<Event extends { kind: string }> {
  readonly #send: (events: Event[]) => void;
  readonly #now: () => number;
  #events: Event[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = "";
  #dueAt = Number.POSITIVE_INFINITY;
  #sentAt = Number.NEGATIVE_INFINITY;

  /**
   * @param send takes the events in the order in which they came, at least one.
   * @param now milliseconds on a clock that never goes back.
   */
  constructor(send: (events: Event[]) => void, now = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  post(event: Event): void {
    const goesOn = event.kind === "token" && this.#last === "token";
    this.#last = event.kind;
    this.#events.push(event);
    const soon = !goesOn || this.#events.length >= ENOUGH;
    const dueAt = Math.min(this.#dueAt, this.#sentAt + (soon ? FRAME_MS : WAIT_MS));
    const now = this.#now();
    if (dueAt <= now) {
      this.#flush();
    } else if (dueAt < this.#dueAt) {
      clearTimeout(this.#timer);
      this.#dueAt = dueAt;
      this.#timer = setTimeout(() => this.#flush(), dueAt - now);
    }
  }

  /** Drops what has not been sent. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#events = [];
  }

  #flush(): void {
    const events = this.#events;
    this.clear();
    this.#sentAt = this.#now();
    this.#send(events);
  }
}
