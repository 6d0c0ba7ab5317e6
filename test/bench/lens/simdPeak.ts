/** The most that 128-bit SIMD reaches here: a small loop of f32x4 multiplications and additions, without memory. */

const [V128, F32, I32] = [0x7b, 0x7d, 0x7f];
// Locals: the count; a factor and a summand; twelve sums, as many as fit into the registers beside them.
const [FACTOR, SUMMAND] = [1, 2];
const SUMS = Array.from({ length: 12 }, (_, i) => 3 + i);

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
const simd = (operation: number) => [0xfd, ...leb(operation)];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const constant = (value: number) => {
  const bytes = new Uint8Array(Float32Array.of(value, value, value, value).buffer);
  return [...simd(12), ...bytes];
};
const [mul, add, lane0] = [simd(230), simd(228), [...simd(31), 0]];

/** (count) => number: `sum = sum · factor + summand` for every sum, `count` times. */
function peakModule(): Uint8Array {
  const step = SUMS.flatMap((sum) => [
    ...[...get(sum), ...get(FACTOR), ...mul],
    ...[...get(SUMMAND), ...add, ...set(sum)],
  ]);
  const body = [
    ...[1, 2 + SUMS.length, V128],
    ...[...constant(0.999), ...set(FACTOR), ...constant(0.001), ...set(SUMMAND)],
    // Each from another number, or they would be one and the same.
    ...SUMS.flatMap((sum) => [...constant(sum), ...set(sum)]),
    ...[0x03, 0x40],
    ...step,
    // count -= 1, again while it is not 0
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    ...get(SUMS[0]!),
    ...SUMS.slice(1).flatMap((sum) => [...get(sum), ...add]),
    ...[...lane0, 0x0b],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, F32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 4, ...Buffer.from("peak"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** Answers a function that runs the loop once, for some tenths of a millisecond, and tells its GFLOP/s. */
export function simdPeak(): () => number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(peakModule()), {});
  const peak = exports["peak"] as (count: number) => number;
  const count = 100_000;
  return () => {
    const startedAt = performance.now();
    if (!(peak(count) > 0)) throw new Error("The loop has not added anything.");
    return (count * SUMS.length * 4 * 2) / (performance.now() - startedAt) / 1e6;
  };
}
