/**
 * What a server's events say, as the tokens that the panels know: text, bytes, probability and alternatives where the
 * server gives them. Whatever comes from a server is untrusted and checked field by field.
 */

import { GlassboxError } from "../../shared/errors.js";
import { isFields } from "../../shared/isFields.js";
import { t } from "../../shared/l10n.js";
import type { ModelToken } from "../../shared/types.js";
import type { GeneratedToken, StopReason } from "../../shared/workerProtocol.js";

/** One event of an answer. */
export interface ChatChunk {
  tokens: GeneratedToken[];
  /** Thoughts that the server keeps apart from the answer, in characters. */
  thoughtLength: number;
  stop: StopReason | undefined;
  model: string | undefined;
  usage: { promptTokens: number; completionTokens: number } | undefined;
}

type Fields = Record<string, unknown>;

const MOST_ALTERNATIVES = 20;

/** Reads the chunks of one answer. Servers that do not number their tokens get numbers here, all below zero. */
export class ChunkReader {
  readonly #host: string;
  readonly #madeUpIds = new Map<string, number>();
  readonly #encoder = new TextEncoder();

  constructor(host: string) {
    this.#host = host;
  }

  /**
   * @param data one event's data, or the body of an answer that came in one piece.
   * @throws GlassboxError `server` when it is no JSON, no chat completion, or a report of an error.
   */
  read(data: string): ChatChunk {
    const chunk = this.#parse(data);
    // vLLM reports an error in the middle of an answer as an object of its own; some servers write an error of null.
    if ((chunk.error !== undefined && chunk.error !== null) || chunk.object === "error") {
      throw new GlassboxError(
        "server",
        t("The server at {0} failed: {1}", this.#host, errorText(chunk) || t("no reason given")),
      );
    }
    const { choices } = chunk;
    if (!Array.isArray(choices)) throw this.#strange(t('no "choices"'), data);
    const usage = readUsage(chunk.usage);
    const model = typeof chunk.model === "string" ? chunk.model : undefined;
    const choice: unknown = choices[0];
    if (choice === undefined) return { tokens: [], thoughtLength: 0, stop: undefined, model, usage };
    if (!isFields(choice)) throw this.#strange(t("a choice that is no object"), data);
    // `message` where the server does not stream although it was asked to.
    const delta = choice.delta ?? choice.message;
    if (delta !== undefined && delta !== null && !isFields(delta))
      throw this.#strange(t("a delta that is no object"), data);
    const content = textField(delta?.content);
    return {
      tokens: this.#tokens(content, choice.logprobs),
      // Ollama and newer versions of vLLM have the second name, some versions both for the same text.
      thoughtLength: Math.max(textField(delta?.reasoning_content).length, textField(delta?.reasoning).length),
      stop: stopReason(choice.finish_reason),
      model,
      usage,
    };
  }

  #parse(data: string): Fields {
    try {
      const chunk: unknown = JSON.parse(data);
      if (isFields(chunk)) return chunk;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw this.#strange(t("something that is no JSON object"), data);
  }

  #strange(what: string, data: string): GlassboxError {
    return new GlassboxError(
      "server",
      t("The server at {0} sent {1}: {2}", this.#host, what, quoted(data)),
      t("Check that the address belongs to an OpenAI-compatible server."),
    );
  }

  /** The tokens with their probabilities; where there are none, the text as it came, in one piece. */
  #tokens(content: string, logprobs: unknown): GeneratedToken[] {
    const entries: unknown = isFields(logprobs) ? logprobs.content : undefined;
    if (Array.isArray(entries) && entries.length > 0) {
      const tokens = entries.map((entry) => this.#token(entry));
      if (tokens.every((token) => token !== undefined)) {
        // The end of the turn is reported by some as a token without text.
        return tokens.filter(({ token }) => token.bytes.length > 0);
      }
    }
    if (content === "") return [];
    const bytes = this.#encoder.encode(content);
    return [{ token: this.#modelToken(content, bytes, undefined), probability: undefined, alternatives: [] }];
  }

  #token(entry: unknown): GeneratedToken | undefined {
    const token = this.#rated(entry);
    if (!token || !isFields(entry)) return undefined;
    const others = Array.isArray(entry.top_logprobs) ? entry.top_logprobs.slice(0, MOST_ALTERNATIVES) : [];
    const alternatives = others.map((other) => this.#rated(other)).filter((other) => other !== undefined);
    return { ...token, alternatives: alternatives.sort((a, b) => b.probability - a.probability) };
  }

  #rated(entry: unknown): { token: ModelToken; probability: number } | undefined {
    if (!isFields(entry) || typeof entry.token !== "string" || typeof entry.logprob !== "number")
      return undefined;
    // OpenAI writes -9999 for what is too improbable to be told; rounding may end a little above 0.
    const probability = Math.min(1, Math.exp(entry.logprob));
    if (Number.isNaN(probability)) return undefined;
    const bytes = isByteArray(entry.bytes) ? Uint8Array.from(entry.bytes) : this.#encoder.encode(entry.token);
    return { token: this.#modelToken(entry.token, bytes, entry.id), probability };
  }

  #modelToken(text: string, bytes: Uint8Array, id: unknown): ModelToken {
    return {
      id: typeof id === "number" && Number.isInteger(id) && id >= 0 ? id : this.#madeUpId(text, bytes),
      bytes,
      name: text,
      special: bytes.length === 0,
    };
  }

  /** Equal tokens have equal numbers, different ones different numbers; nothing else is meant by them. */
  #madeUpId(text: string, bytes: Uint8Array): number {
    const key = `${text} ${bytes.join(" ")}`;
    let id = this.#madeUpIds.get(key);
    if (id === undefined) {
      id = -1 - this.#madeUpIds.size;
      this.#madeUpIds.set(key, id);
    }
    return id;
  }
}

/**
 * The reason that a body or an event gives: `{"error": {"message": …}}`, `{"error": "…"}`, `{"message": …}`,
 * `{"detail": "…"}` or `{"detail": [{"loc": …, "msg": "…"}]}`.
 */
export function errorText(body: unknown): string {
  if (typeof body === "string") return quoted(body);
  if (!isFields(body)) return "";
  for (const field of [body.error, body.message, body.detail]) {
    if (typeof field === "string") return plain(field);
    if (isFields(field) && typeof field.message === "string") return plain(field.message);
    if (Array.isArray(field)) return plain(field.map(refusedField).filter(Boolean).join("; "));
  }
  return "";
}

/** FastAPI names the field that it refuses by its way through the request. */
function refusedField(entry: unknown): string {
  if (!isFields(entry) || typeof entry.msg !== "string") return "";
  const way = Array.isArray(entry.loc) ? entry.loc.filter((step) => step !== "body").join(".") : "";
  return way === "" ? entry.msg : `${way}: ${entry.msg}`;
}

const LONGEST_QUOTE = 300;

/** A server's words in an error of ours: one line without control characters, at most 300 characters. */
function plain(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)} …` : line;
}

const quoted = (text: string): string => `“${plain(text)}”`;

function textField(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isByteArray(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((byte) => typeof byte === "number" && Number.isInteger(byte) && byte >= 0 && byte <= 255)
  );
}

function stopReason(reason: unknown): StopReason | undefined {
  if (typeof reason !== "string") return undefined;
  return reason === "length" ? "max-tokens" : "end-of-turn";
}

function readUsage(usage: unknown): ChatChunk["usage"] {
  if (!isFields(usage)) return undefined;
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage;
  if (typeof promptTokens !== "number" || typeof completionTokens !== "number") return undefined;
  return { promptTokens, completionTokens };
}
