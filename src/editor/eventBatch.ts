/** Events on their way to a page: one that comes alone goes at once, those that come within a frame go together. */

/** A frame: a page does not draw more often. */
const FRAME_MS = 16;

export class EventBatch<Event> {
  readonly #send: (events: Event[]) => void;
  #events: Event[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;

  /** @param send takes the events in the order in which they came, at least one. */
  constructor(send: (events: Event[]) => void) {
    this.#send = send;
  }

  post(event: Event): void {
    this.#events.push(event);
    if (this.#timer !== undefined) return;
    // No timer for a token that comes by itself, as most do: the process would wake up for it once more, while the
    // engine needs all cores for the next one.
    const wait = this.#sentAt + FRAME_MS - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  /** Drops what has not been sent. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#events = [];
  }

  #flush(): void {
    const events = this.#events;
    this.clear();
    this.#sentAt = performance.now();
    this.#send(events);
  }
}
