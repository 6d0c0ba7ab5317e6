/**
 * Reproducible randomness for draws: xoshiro128**, seeded by SplitMix64.
 *
 * Both by David Blackman and Sebastiano Vigna, "Scrambled linear pseudorandom number generators", 2021;
 * reference code: https://prng.di.unimi.it/xoshiro128starstar.c and https://prng.di.unimi.it/splitmix64.c
 */

/** A coin: a fresh number in [0, 1) at each call. */
export type Coin = () => number;

/** The generator's name as panels show it beside a seed. */
export const GENERATOR_NAME = "xoshiro128**";

/**
 * SplitMix64, the generator that the authors recommend for filling a larger state.
 * @param state 64 bits; returns a function whose calls answer 64 bits each.
 */
export function splitMix64(state: bigint): () => bigint {
  let x = BigInt.asUintN(64, state);
  return () => {
    x = BigInt.asUintN(64, x + 0x9e3779b97f4a7c15n);
    let z = x;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
}

/**
 * xoshiro128** 1.1. Each call answers the next 32 bits.
 * @param state four 32-bit words, not all 0.
 */
export function xoshiro128StarStar(state: readonly [number, number, number, number]): () => number {
  let [s0, s1, s2, s3] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotateLeft(s3, 11);
    return result;
  };
}

/**
 * A coin that the seed determines: 53 random bits from two outputs of xoshiro128** at each call.
 * @param seed a whole number from 0 to 2^53 - 1.
 * @param skip how many coins to pass over, so that draw `n` of a seed can be had by itself.
 * @param stream a small whole number: coins of one seed that have nothing to do with each other.
 */
export function seededCoin(seed: number, skip = 0, stream = 0): Coin {
  const fill = splitMix64(BigInt(seed) + (BigInt(stream) << 53n));
  const [first, second] = [fill(), fill()];
  const low = (word: bigint) => Number(BigInt.asUintN(32, word));
  const next = xoshiro128StarStar([low(first), low(first >> 32n), low(second), low(second >> 32n)]);
  for (let passed = 0; passed < 2 * skip; passed++) next();
  return () => {
    const high = next() >>> 5;
    return (high * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
  };
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
