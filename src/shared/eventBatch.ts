/** Events on their way to another process: one that comes alone goes at once, those that come close together as one. */

/** A frame: nobody draws more often. */
const FRAME_MS = 16;

/** How long events may be held back so that they go together. */
export interface BatchLimits {
  /** So many go as soon as a frame has passed. */
  few: number;
  /** Fewer go after so many milliseconds. */
  waitMs: number;
}

export class EventBatch<Event> {
  readonly #send: (events: Event[]) => void;
  readonly #limits: BatchLimits;
  readonly #now: () => number;
  #events: Event[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #sentAt = Number.NEGATIVE_INFINITY;

  /**
   * @param send takes the events in the order in which they came, at least one.
   * @param limits nothing waits for longer than a frame unless they say so.
   * @param now milliseconds on a clock that never goes back.
   */
  constructor(
    send: (events: Event[]) => void,
    limits: BatchLimits = { few: 1, waitMs: FRAME_MS },
    now = () => performance.now(),
  ) {
    this.#send = send;
    this.#limits = limits;
    this.#now = now;
  }

  post(event: Event): void {
    this.#events.push(event);
    const wait = this.#events.length >= this.#limits.few ? FRAME_MS : this.#limits.waitMs;
    const dueAt = Math.min(this.#dueAt, this.#sentAt + wait);
    const now = this.#now();
    if (dueAt >= this.#dueAt && this.#dueAt > now) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    // Those that come in the same turn go along.
    if (dueAt <= now) queueMicrotask(() => this.flush());
    else this.#timer = setTimeout(() => this.flush(), dueAt - now);
  }

  /** Sends what is still held back. */
  flush(): void {
    const events = this.#events;
    this.clear();
    if (events.length === 0) return;
    this.#sentAt = this.#now();
    this.#send(events);
  }

  /** Drops what has not been sent. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#events = [];
  }
}
