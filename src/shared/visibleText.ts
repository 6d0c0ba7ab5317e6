/** Makes a token's bytes visible: whitespace as signs, bytes that are only part of a character as hex. */

export interface VisiblePart {
  kind: "text" | "whitespace" | "control" | "byte";
  /** What to show: the text itself, `·`, `→`, `⏎`, or two hex digits. */
  text: string;
}

const WHITESPACE_SIGNS: ReadonlyMap<string, string> = new Map([
  [" ", "·"],
  ["\t", "→"],
  ["\n", "⏎"],
  ["\r", "␍"],
  ["\u00a0", "⍽"],
]);

// Characters that draw nothing or reorder what stands around them; shown by their code point.
const INVISIBLE = /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]$/u;

/**
 * Splits bytes into parts to show. Complete UTF-8 sequences become text; a byte that belongs to an incomplete or
 * invalid sequence becomes two hex digits.
 */
export function visibleParts(bytes: Uint8Array): VisiblePart[] {
  const parts: VisiblePart[] = [];
  const push = (kind: VisiblePart["kind"], text: string) => {
    const last = parts.at(-1);
    if (kind === "text" && last?.kind === "text") last.text += text;
    else parts.push({ kind, text });
  };
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      push("byte", (bytes[at] ?? 0).toString(16).padStart(2, "0").toUpperCase());
      at++;
      continue;
    }
    const character = decodeSequence(bytes, at, length);
    const sign = WHITESPACE_SIGNS.get(character);
    if (sign !== undefined) push("whitespace", sign);
    else if (INVISIBLE.test(character)) {
      push("control", `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`);
    } else push("text", character);
    at += length;
  }
  return parts;
}

/** The same as one string, for places that know no markup: labels, tables, screen readers. */
export function visibleText(bytes: Uint8Array): string {
  return visibleParts(bytes)
    .map((part) =>
      part.kind === "byte" ? `‹${part.text}›` : part.kind === "control" ? `‹${part.text}›` : part.text,
    )
    .join("");
}

/** Bytes as hex pairs, `E2 82 AC`. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ");
}

/** Length of the valid UTF-8 sequence at `at`, or 0 (Unicode 16, table 3-7: well-formed byte sequences). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const continues = (index: number, low = 0x80, high = 0xbf) => {
    const byte = bytes[index];
    return byte !== undefined && byte >= low && byte <= high;
  };
  if (lead >= 0xc2 && lead <= 0xdf) return continues(at + 1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const low = lead === 0xe0 ? 0xa0 : 0x80;
    const high = lead === 0xed ? 0x9f : 0xbf;
    return continues(at + 1, low, high) && continues(at + 2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const low = lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xf4 ? 0x8f : 0xbf;
    return continues(at + 1, low, high) && continues(at + 2) && continues(at + 3) ? 4 : 0;
  }
  return 0;
}

function decodeSequence(bytes: Uint8Array, at: number, length: number): string {
  const lead = bytes[at] ?? 0;
  if (length === 1) return String.fromCharCode(lead);
  let codePoint = lead & (0xff >> (length + 1));
  for (let index = at + 1; index < at + length; index++)
    codePoint = (codePoint << 6) | ((bytes[index] ?? 0) & 0x3f);
  return String.fromCodePoint(codePoint);
}
