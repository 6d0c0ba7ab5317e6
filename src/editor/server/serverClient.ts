/**
 * Speaks to an OpenAI-compatible server over HTTP: streams, keeps every part bounded, follows no redirection, and
 * turns whatever can go wrong into an error with a remedy. Whether anything may be sent is decided before it.
 */

import { StopTextWatch } from "../../core/sampling/stopTextWatch.js";
import { ChunkReader, errorText } from "../../core/server/chatChunk.js";
import type { ChatParams, ChatResult } from "../../core/server/chatParams.js";
import { chatRequest, type OptionalField, refusedFields } from "../../core/server/chatRequest.js";
import { EventStream } from "../../core/server/eventStream.js";
import type { ServerAddress } from "../../core/server/serverAddress.js";
import { refusalError } from "../../core/server/serverFault.js";
import { type OfferedModel, readModels } from "../../core/server/serverModels.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { GeneratedToken, StopReason } from "../../shared/workerProtocol.js";

/** Where to and as whom. The key stands in no log and no error. */
export interface ServerConnection {
  address: ServerAddress;
  model: string;
  key: string | undefined;
}

export interface ServerTimes {
  /** Until the list of models is here. */
  listMs: number;
  /** Until the first event: the server may have to load the model and to read the prompt. */
  firstEventMs: number;
  /** Between two events. */
  silenceMs: number;
}

const TIMES: ServerTimes = { listMs: 10_000, firstEventMs: 180_000, silenceMs: 60_000 };

/** Bytes of a body that is no stream of events. */
const LONGEST_BODY = 4 * 2 ** 20;
/** Refusals are cut rather than refused. */
const LONGEST_REFUSAL = 64 * 2 ** 10;
/** Each leaves out at least one field more. */
const MOST_ATTEMPTS = 6;

export class ServerClient {
  readonly #times: ServerTimes;
  /** What the server of an address has refused to take. */
  readonly #without = new Map<string, Set<OptionalField>>();

  constructor(times: Partial<ServerTimes> = {}) {
    this.#times = { ...TIMES, ...times };
  }

  /** The models that the server offers. Nothing but the key is sent. @throws GlassboxError `server`, `cancelled`. */
  async models(connection: ServerConnection, signal?: AbortSignal): Promise<OfferedModel[]> {
    const { address } = connection;
    return this.#exchange(connection, signal, async (patience) => {
      patience.wait(this.#times.listMs);
      const response = await this.#fetch(connection, "/models", undefined, patience.signal);
      if (!response.ok) throw await this.#refusal(response, connection);
      const body = await readBody(response, LONGEST_BODY, address.host);
      return readModels(parsed(body), address.host);
    });
  }

  /**
   * Asks for an answer; one event a token.
   * @throws GlassboxError `cancelled` at once when the signal is aborted, `too-long` when the prompt does not fit,
   *   `server` for everything else that goes wrong, also in the middle of an answer.
   */
  async chat(
    connection: ServerConnection,
    params: ChatParams,
    options: {
      signal?: AbortSignal | undefined;
      onEvent?: ((token: GeneratedToken) => void) | undefined;
    } = {},
  ): Promise<ChatResult> {
    return this.#exchange(connection, options.signal, async (patience) => {
      const startedAt = performance.now();
      const { response, body } = await this.#ask(connection, params, patience);
      const answer = new AnswerReader(connection, params, body, startedAt, options.onEvent ?? (() => {}));
      const type = response.headers.get("content-type") ?? "";
      if (!type.includes("text/event-stream")) {
        // Some servers answer in one piece although they are asked to stream.
        answer.take(await readBody(response, LONGEST_BODY, connection.address.host));
        return answer.result();
      }
      const events = new EventStream();
      for await (const bytes of bytesOf(response)) {
        patience.wait(this.#times.silenceMs);
        for (const event of events.take(bytes)) if (answer.take(event)) return answer.result();
      }
      return answer.result();
    });
  }

  /** Sends the request, without the fields that this server has refused. */
  async #ask(
    connection: ServerConnection,
    params: ChatParams,
    patience: Patience,
  ): Promise<{ response: Response; body: string }> {
    const { base } = connection.address;
    const without = this.#without.get(base) ?? new Set();
    for (let attempt = 1; ; attempt++) {
      const request = chatRequest(connection.model, params, without);
      const body = JSON.stringify(request);
      patience.wait(this.#times.firstEventMs);
      const response = await this.#fetch(connection, "/chat/completions", body, patience.signal);
      if (response.ok) return { response, body };
      const { error, reason } = await this.#readRefusal(response, connection);
      const refused = [400, 422].includes(response.status) ? refusedFields(reason, request) : [];
      if (refused.length === 0 || error.code === "too-long" || attempt === MOST_ATTEMPTS) throw error;
      for (const field of refused) without.add(field);
      this.#without.set(base, without);
    }
  }

  #fetch(
    { address, key }: ServerConnection,
    path: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const headers: Record<string, string> = {
      accept: body === undefined ? "application/json" : "text/event-stream",
    };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (key !== undefined) headers.authorization = `Bearer ${key}`;
    return fetch(`${address.base}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers,
      // The reader has allowed this address and no other.
      redirect: "manual",
      signal,
      ...(body === undefined ? {} : { body }),
    });
  }

  async #refusal(response: Response, connection: ServerConnection): Promise<GlassboxError> {
    return (await this.#readRefusal(response, connection)).error;
  }

  async #readRefusal(
    response: Response,
    { address, model, key }: ServerConnection,
  ): Promise<{ error: GlassboxError; reason: string }> {
    const text = await readBody(response, LONGEST_REFUSAL, undefined);
    const given = errorText(parsed(text) ?? text);
    // Some servers repeat the key that they refuse.
    const reason = key === undefined ? given : given.split(key).join("•••");
    const refusal = {
      status: response.status,
      reason,
      retryAfter: response.headers.get("retry-after") ?? undefined,
      location: response.headers.get("location") ?? undefined,
    };
    return { error: refusalError(refusal, address.host, model, Date.now()), reason };
  }

  /** Runs one exchange with its patience, closes the connection behind it, and explains what failed. */
  async #exchange<T>(
    { address }: ServerConnection,
    signal: AbortSignal | undefined,
    work: (patience: Patience) => Promise<T>,
  ): Promise<T> {
    throwIfCancelled(signal);
    const patience = new Patience(signal);
    try {
      return await work(patience);
    } catch (error) {
      if (signal?.aborted) throw GlassboxError.cancelled();
      if (patience.lost !== undefined) {
        throw new GlassboxError(
          "server",
          t("The server at {0} said nothing for {1} s.", address.host, Math.ceil(patience.lost / 1000)),
          t("It may be loading the model or be busy with others. Try again, or look at its own log."),
        );
      }
      if (error instanceof GlassboxError) throw error;
      throw networkError(error, address);
    } finally {
      // Also ends an answer that is still coming: the server must not go on for nobody.
      patience.end();
    }
  }
}

/** An abort signal that fires for the reader's Stop, when nothing has come for too long, and at the end. */
class Patience {
  readonly #abort = new AbortController();
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds that were waited in vain. */
  lost: number | undefined;

  constructor(stop: AbortSignal | undefined) {
    this.signal = stop ? AbortSignal.any([stop, this.#abort.signal]) : this.#abort.signal;
  }

  /** Waits this long from now on for the next sign of life. */
  wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.lost = ms;
      this.#abort.abort();
    }, ms);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }
}

/** Collects an answer from its events and knows when it is complete. */
class AnswerReader {
  readonly #connection: ServerConnection;
  readonly #params: ChatParams;
  readonly #body: string;
  readonly #onToken: (token: GeneratedToken) => void;
  readonly #chunks: ChunkReader;
  readonly #stopTexts: StopTextWatch;
  readonly #startedAt: number;
  #firstAt: number | undefined;
  #count = 0;
  #rated = 0;
  #thoughts = 0;
  #stop: StopReason | undefined;
  #usage: { promptTokens: number; completionTokens: number } | undefined;
  #model: string;

  constructor(
    connection: ServerConnection,
    params: ChatParams,
    body: string,
    startedAt: number,
    onToken: (token: GeneratedToken) => void,
  ) {
    this.#connection = connection;
    this.#params = params;
    this.#body = body;
    this.#startedAt = startedAt;
    this.#onToken = onToken;
    this.#model = connection.model;
    this.#chunks = new ChunkReader(connection.address.host);
    this.#stopTexts = new StopTextWatch(params.stopTexts ?? []);
  }

  /** Takes an event; true when nothing more is wanted. */
  take(event: string): boolean {
    if (event.trim() === "[DONE]") {
      this.#stop ??= "end-of-turn";
      return true;
    }
    const chunk = this.#chunks.read(event);
    this.#usage = chunk.usage ?? this.#usage;
    this.#model = chunk.model ?? this.#model;
    this.#thoughts += chunk.thoughtLength;
    for (const token of chunk.tokens) {
      // A server that does not keep to the limit is stopped.
      if (this.#count === this.#params.maxTokens) {
        this.#stop = "max-tokens";
        return true;
      }
      this.#firstAt ??= performance.now();
      this.#count++;
      if (token.probability !== undefined) this.#rated++;
      this.#onToken(token);
      if (this.#stopTexts.sees(token.token.bytes)) {
        this.#stop = "stop-text";
        return true;
      }
    }
    this.#stop = chunk.stop ?? this.#stop;
    return false;
  }

  /** @throws GlassboxError `server` when the answer broke off, or when there were only thoughts. */
  result(): ChatResult {
    const { host } = this.#connection.address;
    if (this.#stop === undefined) {
      throw new GlassboxError(
        "server",
        t("The answer of the server at {0} broke off after {1} tokens.", host, this.#count),
        t("Try again. If it happens again, look at the server's own log."),
      );
    }
    if (this.#count === 0 && this.#thoughts > 0) {
      throw new GlassboxError(
        "server",
        t(
          'The model "{0}" spent all {1} tokens on thinking and said nothing.',
          this.#model,
          this.#params.maxTokens,
        ),
        t("Choose a model that answers without thinking first, or turn its thinking off on the server."),
      );
    }
    const now = performance.now();
    const firstAt = this.#firstAt ?? now;
    return {
      stop: this.#stop,
      tokenCount: this.#count,
      promptMs: firstAt - this.#startedAt,
      generateMs: now - firstAt,
      model: this.#model,
      promptTokens: this.#usage?.promptTokens,
      hasProbabilities: this.#count > 0 && this.#rated === this.#count,
      body: this.#body,
    };
  }
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

/** A whole body as text. Beyond the limit it is an error, or cut where no host is named. */
async function readBody(response: Response, most: number, host: string | undefined): Promise<string> {
  const decoder = new TextDecoder();
  let length = 0;
  let text = "";
  for await (const bytes of bytesOf(response)) {
    length += bytes.length;
    if (length > most) {
      if (host === undefined) break;
      throw new GlassboxError(
        "server",
        t("The server at {0} sent more than {1} MB in one piece.", host, most / 2 ** 20),
        t("Check that the address belongs to an OpenAI-compatible server."),
      );
    }
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

/** The value that a text spells as JSON; undefined for what is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What Node says of a connection that failed, in the words of people. */
function networkError(error: unknown, { host, base }: ServerAddress): GlassboxError {
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return new GlassboxError(
        "server",
        t("Nobody answers at {0}.", host),
        t("Start the server, or run Glassbox: Connect to a Server to change the address."),
        { cause: error },
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new GlassboxError(
        "server",
        t('There is no machine named "{0}" in reach.', host),
        t("Check the address and the connection to the network."),
        { cause: error },
      );
    case "ECONNRESET":
    case "UND_ERR_SOCKET":
    case "EPIPE":
      return new GlassboxError(
        "server",
        t("The server at {0} closed the connection in the middle of its answer.", host),
        t("It may have ended. Look at its own log, then try again."),
        { cause: error },
      );
    default:
      return new GlassboxError(
        "server",
        t("The server at {0} cannot be reached ({1}).", host, code),
        t("Check the address {0}, and whether the server needs https.", base),
        { cause: error },
      );
  }
}

/** The innermost error code of a failed fetch; its message where there is none. */
function codeOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  if (innermost instanceof AggregateError && innermost.errors[0] instanceof Error)
    innermost = innermost.errors[0];
  if (!(innermost instanceof Error)) return String(innermost);
  const code: unknown = "code" in innermost ? innermost.code : undefined;
  return typeof code === "string" ? code : innermost.message;
}
