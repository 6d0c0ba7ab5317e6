/**
 * Typed request/reply over any message channel: host <-> webview and host <-> worker process.
 *
 * A protocol is an interface whose members are `Method`s. Calls and handlers are derived from it, so that a
 * message name or a field that only one side knows does not compile. A closed channel rejects everything that
 * is pending: no request can hang because nobody is left to answer it.
 */

import { GlassboxError, toWireError, type WireError } from "./errors.js";

/** One request: what it takes, what it answers, and what it reports while it runs. */
export interface Method<Params, Result, Event = never> {
  params: Params;
  result: Result;
  event: Event;
}

// A structural bound that an interface without an index signature satisfies.
type AnyMethod = Method<unknown, unknown, unknown>;
export type ProtocolOf<P> = { [K in keyof P]: AnyMethod };

/** A duplex pipe for structured-cloneable messages. `onClose` fires at most once. */
export interface Channel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: (reason: GlassboxError) => void): void;
}

export interface CallOptions<Event> {
  signal?: AbortSignal;
  onEvent?: (event: Event) => void;
}

export interface HandlerContext<Event> {
  /** Aborted when the caller cancels or the channel closes. */
  signal: AbortSignal;
  /** Several go in one message, which wakes the other side once. */
  emit(...events: Event[]): void;
}

export type Handlers<P extends ProtocolOf<P>> = {
  [K in keyof P]: (
    params: P[K]["params"],
    context: HandlerContext<P[K]["event"]>,
  ) => P[K]["result"] | Promise<P[K]["result"]>;
};

/** The calling side of a protocol. */
export interface Caller<P extends ProtocolOf<P>> {
  /**
   * Sends a request and resolves with its result.
   * @throws GlassboxError `cancelled` when `signal` aborts, `closed` or `crashed` when the channel goes away,
   *   otherwise whatever error the other side answered.
   */
  call<K extends keyof P & string>(
    method: K,
    params: P[K]["params"],
    options?: CallOptions<P[K]["event"]>,
  ): Promise<P[K]["result"]>;
}

type Message =
  | { rpc: "call"; id: number; method: string; params: unknown }
  | { rpc: "cancel"; id: number }
  | { rpc: "events"; id: number; events: unknown[] }
  | { rpc: "ok"; id: number; result: unknown }
  | { rpc: "err"; id: number; error: WireError };

/** Whether a value from the other side has the shape of a message; whatever else arrives is not answered. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const { rpc, id, method, events, error } = value as Record<string, unknown>;
  if (typeof id !== "number") return false;
  if (rpc === "call") return typeof method === "string";
  if (rpc === "events") return Array.isArray(events);
  if (rpc === "err") {
    const { code, message } = (error ?? {}) as Record<string, unknown>;
    return typeof code === "string" && typeof message === "string";
  }
  return rpc === "cancel" || rpc === "ok";
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: GlassboxError): void;
  handleEvent(event: unknown): void;
}

/**
 * Connects one end of a channel: `Calls` is what the other side serves, `Serves` is what this side answers.
 */
export function connect<Calls extends ProtocolOf<Calls>, Serves extends ProtocolOf<Serves>>(
  channel: Channel,
  handlers: Handlers<Serves>,
): Caller<Calls> {
  const pending = new Map<number, Pending>();
  const running = new Map<number, AbortController>();
  let nextId = 1;
  let closed: GlassboxError | undefined;

  // Own properties only: "constructor" or "__proto__" from a hostile page is not a method.
  const handlerTable = new Map<string, (params: unknown, context: HandlerContext<unknown>) => unknown>(
    Object.entries(handlers) as [string, (params: unknown, context: HandlerContext<unknown>) => unknown][],
  );

  /** Posts unless nobody is left to read it: the other side may go away before its end is announced. */
  function postReply(message: Message): void {
    if (closed) return;
    try {
      channel.post(message);
    } catch (error) {
      // What cannot be cloned is our fault and must be heard of; a channel that has just closed is not.
      const code = GlassboxError.from(error).code;
      if (code !== "closed" && code !== "crashed") throw error;
    }
  }

  async function serve(id: number, method: string, params: unknown): Promise<void> {
    // The number of a request that still runs names that one; a second is not ours.
    if (running.has(id)) return;
    const handler = handlerTable.get(method);
    const controller = new AbortController();
    running.set(id, controller);
    try {
      if (!handler) {
        throw new GlassboxError("invalid-request", `No handler for the request "${method}".`);
      }
      const result = await handler(params, {
        signal: controller.signal,
        emit: (...events) => {
          // The caller forgets a request when it cancels it.
          if (running.get(id) === controller && !controller.signal.aborted) {
            postReply({ rpc: "events", id, events });
          }
        },
      });
      postReply({ rpc: "ok", id, result });
    } catch (error) {
      postReply({ rpc: "err", id, error: toWireError(error) });
    } finally {
      running.delete(id);
    }
  }

  channel.onMessage((message) => {
    if (!isMessage(message)) return;
    switch (message.rpc) {
      case "call":
        void serve(message.id, message.method, message.params);
        return;
      case "cancel":
        running.get(message.id)?.abort();
        return;
      case "events":
        // Each may be the one after which the caller wants no more.
        for (const event of message.events) pending.get(message.id)?.handleEvent(event);
        return;
      case "ok":
        pending.get(message.id)?.resolve(message.result);
        return;
      case "err":
        pending.get(message.id)?.reject(GlassboxError.fromWire(message.error));
    }
  });

  channel.onClose((reason) => {
    if (closed) return;
    closed = reason;
    for (const call of [...pending.values()]) call.reject(reason);
    for (const controller of running.values()) controller.abort();
  });

  return {
    call(method, params, options = {}) {
      return new Promise((resolve, reject) => {
        const { signal, onEvent } = options;
        if (closed) return reject(closed);
        if (signal?.aborted) return reject(GlassboxError.cancelled());
        const id = nextId++;
        const abandon = (reason: GlassboxError) => {
          settle();
          reject(reason);
          postReply({ rpc: "cancel", id });
        };
        const cancel = () => abandon(GlassboxError.cancelled());
        const settle = () => {
          pending.delete(id);
          signal?.removeEventListener("abort", cancel);
        };
        signal?.addEventListener("abort", cancel, { once: true });
        pending.set(id, {
          resolve: (result) => {
            settle();
            resolve(result as never);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
          handleEvent: (event) => {
            try {
              onEvent?.(event as never);
            } catch (error) {
              // The listener's fault ends its own request, not the channel.
              abandon(GlassboxError.from(error));
            }
          },
        });
        try {
          channel.post({ rpc: "call", id, method, params } satisfies Message);
        } catch (error) {
          settle();
          reject(GlassboxError.from(error));
        }
      });
    },
  };
}
