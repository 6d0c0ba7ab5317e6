/** A server's refusal as what failed, what was found and what to do. */

import { GlassboxError } from "../../shared/errors.js";

export interface Refusal {
  status: number;
  /** What the server gives as its reason; empty where it gives none. */
  reason: string;
  /** The header `Retry-After`. */
  retryAfter: string | undefined;
  /** The header `Location` of a redirection. */
  location: string | undefined;
}

/** @param now milliseconds since the epoch. */
export function refusalError(refusal: Refusal, host: string, model: string, now: number): GlassboxError {
  const { status, reason } = refusal;
  const because = reason === "" ? "." : `: ${reason}`;
  if (status === 401 || status === 403) {
    return new GlassboxError(
      "server",
      `The server at ${host} does not accept the key (${status})${because}`,
      "Run Glassbox: Connect to a Server to enter it again.",
    );
  }
  if (status === 404) {
    return new GlassboxError(
      "server",
      `The server at ${host} knows no model "${model}", or the address leads nowhere (404)${because}`,
      "Run Glassbox: Connect to a Server to choose among the models that it has.",
    );
  }
  if (status === 429) {
    const seconds = secondsToWait(refusal.retryAfter, now);
    return new GlassboxError(
      "server",
      `The server at ${host} takes no more requests for now (429)${because}`,
      seconds === undefined ? "Wait a while, then try again." : `Try again in ${waitText(seconds)}.`,
    );
  }
  if (status >= 300 && status < 400) {
    const where = refusal.location === undefined ? "elsewhere" : `to ${originOf(refusal.location)}`;
    return new GlassboxError(
      "server",
      `The server at ${host} sends the request on ${where} (${status}), where you have not allowed it to go.`,
      "If you trust that address, connect to it instead.",
    );
  }
  if (tellsOfLength(reason)) {
    return new GlassboxError(
      "too-long",
      `The question is longer than the context of the server's model (${status})${because}`,
      "Select less text, or start the server with a larger context.",
    );
  }
  const fault = status >= 500 ? "failed" : "refuses the request";
  return new GlassboxError("server", `The server at ${host} ${fault} (${status})${because}`);
}

/** What llama-server, vLLM and OpenAI say of a prompt that does not fit. */
function tellsOfLength(reason: string): boolean {
  return /context (?:size|length|window)|exceeds? the available context|maximum (?:context|model length)|too many tokens/i.test(
    reason,
  );
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function secondsToWait(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

function waitText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}

function originOf(location: string): string {
  return URL.canParse(location) ? new URL(location).origin : "another path";
}
