/** A word that the reader has typed, as the one token that it must be. */

import { GlassboxError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { AttentionHost } from "../../src/shared/panels/attention.js";
import { quoted } from "../../src/shared/quoted.js";
import type { Caller } from "../../src/shared/rpc.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { ModelToken } from "../../src/shared/types.js";

const SPACE = 0x20;

/**
 * @param like the token that it stands for: where that begins with a space, the word is taken with one too.
 * @throws GlassboxError `invalid-request` when the model splits it, saying into what.
 */
export async function onlyToken(
  host: Caller<AttentionHost>,
  typed: string,
  signal: AbortSignal,
  like?: ModelToken,
): Promise<ModelToken> {
  const text = typed.trim();
  const tokensOf = (of: string) => host.call("tokensOf", { text: of }, { signal });
  if (like?.bytes[0] === SPACE) {
    const [spaced, ...more] = await tokensOf(` ${text}`);
    if (spaced && more.length === 0) return spaced;
  }
  const tokens = await tokensOf(text);
  const [only] = tokens;
  if (only && tokens.length === 1) return only;
  const parts = tokens.map((token) => quoted(tokenName(token))).join(" ");
  throw new GlassboxError(
    "invalid-request",
    t("“{0}” is {1} tokens to this model: {2}.", text, tokens.length, parts),
    t("Type a word that is a single token."),
  );
}
