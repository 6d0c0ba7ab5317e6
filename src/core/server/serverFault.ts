/** A server's refusal as what failed, what was found and what to do. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

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
      t("The server at {0} does not accept the key ({1}){2}", host, status, because),
      t("Run Glassbox: Connect to a Server to enter it again."),
    );
  }
  if (status === 404) {
    return new GlassboxError(
      "server",
      t(
        'The server at {0} knows no model "{1}", or the address leads nowhere (404){2}',
        host,
        model,
        because,
      ),
      t("Run Glassbox: Connect to a Server to choose among the models that it has."),
    );
  }
  if (status === 429) {
    const seconds = secondsToWait(refusal.retryAfter, now);
    return new GlassboxError(
      "server",
      t("The server at {0} takes no more requests for now (429){1}", host, because),
      seconds === undefined ? t("Wait a while, then try again.") : t("Try again in {0}.", waitText(seconds)),
    );
  }
  if (status >= 300 && status < 400) {
    const where = refusal.location === undefined ? t("elsewhere") : t("to {0}", originOf(refusal.location));
    return new GlassboxError(
      "server",
      t(
        "The server at {0} sends the request on {1} ({2}), where you have not allowed it to go.",
        host,
        where,
        status,
      ),
      t("If you trust that address, connect to it instead."),
    );
  }
  if (tellsOfLength(reason)) {
    return new GlassboxError(
      "too-long",
      t("The question is longer than the context of the server's model ({0}){1}", status, because),
      t("Select less text, or start the server with a larger context."),
    );
  }
  return new GlassboxError(
    "server",
    status >= 500
      ? t("The server at {0} failed ({1}){2}", host, status, because)
      : t("The server at {0} refuses the request ({1}){2}", host, status, because),
  );
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
  return seconds < 120 ? `${seconds} s` : t("{0} minutes", Math.ceil(seconds / 60));
}

function originOf(location: string): string {
  return URL.canParse(location) ? new URL(location).origin : t("another path");
}
