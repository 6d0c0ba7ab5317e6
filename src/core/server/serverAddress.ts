/** The address of an OpenAI-compatible server: what may be one, and who could read what is sent there. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

export interface ServerAddress {
  /** Everything up to the endpoints, without a slash at its end: `http://127.0.0.1:8080/v1`. */
  base: string;
  /** Scheme, host and port. A key belongs to one of these and goes to no other. */
  origin: string;
  /** Host and port, for people. */
  host: string;
  /** The server is a program on this machine. */
  loopback: boolean;
  /** What is sent is encrypted on its way (TLS). */
  encrypted: boolean;
}

const EXAMPLE = t("Enter an address such as http://127.0.0.1:8080/v1.");

/** @throws GlassboxError `invalid-request` for what is no address, or one that carries a secret. */
export function parseServerAddress(text: string): ServerAddress {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) {
    throw new GlassboxError("invalid-request", t("This is not a URL."), EXAMPLE);
  }
  const url = new URL(trimmed);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new GlassboxError(
      "invalid-request",
      t('A server is reached by http or https, not by "{0}".', url.protocol.slice(0, -1)),
      EXAMPLE,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new GlassboxError(
      "invalid-request",
      t("The address contains a name or password, which would be stored in the settings."),
      t("Leave it out. The key is asked for separately and kept in the editor's secret storage."),
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new GlassboxError(
      "invalid-request",
      t('The address must end before "{0}".', url.search || url.hash),
      EXAMPLE,
    );
  }
  const path = url.pathname.replace(/\/(?:chat\/completions|models)?\/*$/, "").replace(/\/+$/, "");
  return {
    base: `${url.origin}${path === "" ? "/v1" : path}`,
    origin: url.origin,
    host: url.host,
    loopback: isLoopback(url.hostname),
    encrypted: url.protocol === "https:",
  };
}

/** Names and addresses that never leave the machine (RFC 6761 and RFC 1122). `URL` has brought them into one form. */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:.*\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
