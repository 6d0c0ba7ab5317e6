/** Tables as comma-separated values, after RFC 4180, safe to open in a spreadsheet. */

/** What a spreadsheet would take for the beginning of a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

/** Rows as one text with CRLF behind each, as RFC 4180 wants it. Numbers are written plainly, never as `1e-7`. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(value: string | number): string {
  if (typeof value === "number") return plainNumber(value);
  // The apostrophe makes it text to a spreadsheet. Our own numbers never come here.
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Up to 12 decimals, no trailing zeros, no exponent. */
function plainNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(12).replace(/\.?0+$/, "");
}
