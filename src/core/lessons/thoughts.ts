/**
 * A search over thoughts: numbers are joined two at a time until one is left, which should be the target. Each thought
 * is one sum in exact fractions; of all thoughts at a depth only the best few are followed (Yao and others 2023, *Tree
 * of Thoughts*, arXiv 2305.10601, section 4.1, on the game of 24).
 */

/** A fraction in lowest terms; the denominator is positive. */
export interface Fraction {
  n: number;
  d: number;
}

export interface Thought {
  id: number;
  parent: number | undefined;
  depth: number;
  /** What was done: "4 × 6 = 24"; "" at the root. */
  sum: string;
  /** What is left, smallest first. */
  left: Fraction[];
  /** How promising it is, see `distanceTo`: less is better. */
  distance: number;
  fate: "open" | "followed" | "pruned" | "solved" | "missed";
}

export interface SearchResult {
  thoughts: Thought[];
  /** The sums that lead to the target; undefined where none was found. */
  solution: string[] | undefined;
}

/** One way on: the sum and what it leaves. */
export type Move = Pick<Thought, "sum" | "left">;

/** Which moves of a thought to look at; all, or those that a model has proposed. */
export type Propose = (thought: Thought, moves: readonly Move[]) => Promise<readonly Move[]>;

const MOST_NUMBERS = 4;
const LARGEST = 99;

export function fraction(n: number, d = 1): Fraction {
  const divisor = greatest(Math.abs(n), Math.abs(d)) * Math.sign(d);
  return { n: n / divisor, d: d / divisor };
}

function greatest(a: number, b: number): number {
  return b === 0 ? a || 1 : greatest(b, a % b);
}

export function writeFraction({ n, d }: Fraction): string {
  return d === 1 ? String(n) : `${n}/${d}`;
}

/** The first whole numbers of a text, up to four of at most two digits; undefined where there are fewer than two. */
export function numbersIn(text: string): number[] | undefined {
  const found = (text.match(/\d+/g) ?? []).map(Number).filter((value) => value >= 1 && value <= LARGEST);
  return found.length < 2 ? undefined : found.slice(0, MOST_NUMBERS);
}

/** Every sum of two of the numbers, each outcome once. */
export function movesFrom(left: readonly Fraction[]): Move[] {
  const moves = new Map<string, Move>();
  for (const [i, a] of left.entries()) {
    for (const [j, b] of left.entries()) {
      if (i === j) continue;
      const rest = left.filter((_, at) => at !== i && at !== j);
      const add = (sign: string, value: Fraction) => {
        const next = [...rest, value].sort((x, y) => x.n / x.d - y.n / y.d);
        const key = next.map(writeFraction).join(" ");
        if (!moves.has(key)) {
          moves.set(key, {
            sum: `${writeFraction(a)} ${sign} ${writeFraction(b)} = ${writeFraction(value)}`,
            left: next,
          });
        }
      };
      if (i < j) add("+", fraction(a.n * b.d + b.n * a.d, a.d * b.d));
      add("−", fraction(a.n * b.d - b.n * a.d, a.d * b.d));
      if (i < j) add("×", fraction(a.n * b.n, a.d * b.d));
      if (b.n !== 0) add("÷", fraction(a.n * b.d, a.d * b.n));
    }
  }
  return [...moves.values()];
}

/** Whether the target can be reached at all: every way is tried. */
export function isPossible(left: readonly Fraction[], target: number): boolean {
  const [only] = left;
  if (left.length === 1) return only?.d === 1 && only.n === target;
  return movesFrom(left).some((move) => isPossible(move.left, target));
}

/** How near to the target the nearest number comes that one more sum can make; of a last number, its own distance. */
function distanceTo(left: readonly Fraction[], target: number): number {
  const [only] = left;
  if (left.length === 1) return only ? Math.abs(only.n / only.d - target) : Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, a] of left.entries()) {
    for (const [j, b] of left.entries()) {
      if (i === j) continue;
      const [x, y] = [a.n / a.d, b.n / b.d];
      for (const value of [x + y, x - y, x * y, x / y]) least = Math.min(least, Math.abs(value - target));
    }
  }
  return least;
}

/**
 * Searches in breadth: at each depth the `width` best thoughts are followed. Width 1 is greed.
 * @param onThoughts is told of all thoughts so far whenever there are new ones.
 */
export async function searchThoughts(
  numbers: readonly number[],
  target: number,
  width: number,
  propose: Propose,
  onThoughts: (thoughts: readonly Thought[]) => void = () => {},
): Promise<SearchResult> {
  const start = numbers.map((value) => fraction(value)).sort((a, b) => a.n - b.n);
  const thoughts: Thought[] = [];
  const think = (parent: Thought | undefined, { sum, left }: Move): Thought => {
    const thought: Thought = {
      id: thoughts.length,
      parent: parent?.id,
      depth: (parent?.depth ?? -1) + 1,
      sum,
      left: [...left],
      distance: distanceTo(left, target),
      fate: "open",
    };
    thoughts.push(thought);
    return thought;
  };
  let followed = [think(undefined, { sum: "", left: start })];
  for (let depth = 1; depth < start.length; depth++) {
    const found: Thought[] = [];
    const seen = new Set<string>();
    for (const thought of followed) {
      thought.fate = "followed";
      for (const move of await propose(thought, movesFrom(thought.left))) {
        const key = move.left.map(writeFraction).join(" ");
        // Another way to the same numbers is no new thought.
        if (seen.has(key)) continue;
        seen.add(key);
        found.push(think(thought, move));
      }
      onThoughts(thoughts);
    }
    const ranked = found.toSorted((a, b) => a.distance - b.distance);
    for (const [rank, thought] of ranked.entries()) {
      const [only] = thought.left;
      if (thought.left.length > 1) thought.fate = rank < width ? "open" : "pruned";
      else thought.fate = only?.d === 1 && only.n === target ? "solved" : "missed";
    }
    followed = ranked.slice(0, width);
    onThoughts(thoughts);
  }
  const solved = thoughts.find(({ fate }) => fate === "solved");
  return { thoughts, solution: solved && wayTo(thoughts, solved) };
}

/** The sums on the way to a thought. */
function wayTo(thoughts: readonly Thought[], thought: Thought): string[] {
  const parent = thought.parent === undefined ? undefined : thoughts[thought.parent];
  return parent ? [...wayTo(thoughts, parent), thought.sum] : [];
}

/** GBNF for one of the moves: as text for a model, with plain signs and what is left. */
export function moveGrammar(moves: readonly Move[]): string {
  return `root ::= ${moves.map((move) => JSON.stringify(moveText(move))).join(" | ")}`;
}

/** A move as a model reads and writes it. */
export function moveText({ sum, left }: Move): string {
  const plain = sum.replace("×", "*").replace("÷", "/").replace("−", "-");
  return `${plain} (left: ${left.map(writeFraction).join(" ")})`;
}
