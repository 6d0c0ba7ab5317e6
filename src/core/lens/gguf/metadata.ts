/** Typed access to GGUF metadata: a key of the wrong type is a damaged file, said so, never `NaN` later on. */

import { GlassboxError } from "../../../shared/errors.js";
import { t } from "../../../shared/l10n.js";
import type { GgufValue, NumberArray } from "./format.js";
import type { GgufHeader } from "./readGguf.js";

/** A text, or undefined where the key is missing. */
export function text(header: GgufHeader, key: string): string | undefined {
  const value = header.metadata.get(key);
  if (value === undefined) return undefined;
  if (value.type !== "string") throw wrongType(header, key, "a text", value);
  return value.value;
}

/** A whole number that is not negative, or undefined where the key is missing. */
export function integer(header: GgufHeader, key: string): number | undefined {
  const value = header.metadata.get(key);
  if (value === undefined) return undefined;
  const found = typeof value.value === "bigint" ? Number(value.value) : value.value;
  if (typeof found !== "number" || !Number.isSafeInteger(found) || found < 0) {
    throw wrongType(header, key, t("a whole number"), value);
  }
  return found;
}

/** A number, or undefined where the key is missing. */
export function number(header: GgufHeader, key: string): number | undefined {
  const value = header.metadata.get(key);
  if (value === undefined) return undefined;
  if (typeof value.value !== "number" || !Number.isFinite(value.value)) {
    throw wrongType(header, key, "a number", value);
  }
  return value.value;
}

/** A list of texts, or undefined where the key is missing. */
export function strings(header: GgufHeader, key: string): readonly string[] | undefined {
  const value = header.metadata.get(key);
  if (value === undefined) return undefined;
  if (value.type !== "array" || value.elementType !== "string") {
    throw wrongType(header, key, t("a list of texts"), value);
  }
  return value.value;
}

/** A list of numbers, or undefined where the key is missing. */
export function numbers(header: GgufHeader, key: string): NumberArray | undefined {
  const value = header.metadata.get(key);
  if (value === undefined) return undefined;
  if (value.type !== "array" || value.elementType === "string") {
    throw wrongType(header, key, t("a list of numbers"), value);
  }
  return value.value;
}

function wrongType(header: GgufHeader, key: string, expected: string, value: GgufValue): GlassboxError {
  const found =
    value.type === "array"
      ? t("a list of {0}", value.elementType)
      : t("the {0} {1}", value.type, String(value.value).slice(0, 64));
  return new GlassboxError(
    "file-invalid",
    t('Cannot use "{0}": "{1}" should be {2}, it is {3}.', header.fileName, key, expected, found),
    t("Choose another file in Settings > Glassbox > Model."),
  );
}
