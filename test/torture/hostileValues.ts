/** Values that no setting expects. */

const LEAVES: readonly unknown[] = [
  null,
  true,
  "",
  " ",
  0,
  -1,
  1e308,
  -1e308,
  0.1,
  2 ** 53,
  "NaN",
  "__proto__",
  "constructor",
  "\u0000",
  "\ud800",
  "../../../etc/passwd",
  "/dev/zero",
  "file:///dev/zero",
  "hf:../..",
  "http://127.0.0.1:1",
  "javascript:alert(1)",
  "x".repeat(10_000),
];
const KEYS = [
  "input",
  "output",
  "contextWindow",
  "__proto__",
  "constructor",
  "gpt-4o",
  "**",
  "",
  "0",
  "toString",
];

/** A value of nested lists and objects, at most `depth` deep, that JSON can hold. */
export function hostileValues(coin: () => number, depth: number): unknown {
  const pick = (below: number) => Math.floor(coin() * below);
  if (depth === 0 || coin() < 0.4) return LEAVES[pick(LEAVES.length)];
  const inner = () => hostileValues(coin, depth - 1);
  if (coin() < 0.3) return Array.from({ length: pick(5) }, inner);
  // As parsed from JSON, where `__proto__` is a key as any other.
  return JSON.parse(
    `{${Array.from({ length: pick(5) }, () => `${JSON.stringify(KEYS[pick(KEYS.length)])}: ${JSON.stringify(inner())}`).join(",")}}`,
  );
}
