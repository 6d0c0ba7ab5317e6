/** Which tokens a model reads together when a text is longer than its context, before and after an edit. */

/**
 * A stretch of tokens that goes to the model at once. Those from `start` on are read, those from `scored` on are
 * given their probabilities by it; where `scored` is later, the part between is there only to be known.
 */
export interface Window {
  start: number;
  scored: number;
  /** Behind the last. */
  end: number;
}

export interface WindowSizes {
  /** Tokens in a window at most. */
  size: number;
  /** Tokens that a window repeats of what is before those that it scores. Less than `size`. */
  overlap: number;
}

/** Tokens `at` to `at + removed` were replaced by `added` others. */
export interface TokenEdit {
  at: number;
  removed: number;
  added: number;
}

/** A quarter is read twice: as much as is known of the text at the start of each window but the first. */
export function windowSizes(size: number): WindowSizes {
  return { size, overlap: Math.floor(size / 4) };
}

/** The windows of a text of so many tokens; each token is scored in one. */
export function planWindows(count: number, sizes: WindowSizes): Window[] {
  return fill(0, 0, count, sizes);
}

/**
 * The windows after an edit: those before it stay, those that begin behind it stay and move along, and only what lies
 * between is laid out again, from where its first window began.
 */
export function planAgain(windows: readonly Window[], edit: TokenEdit, sizes: WindowSizes): Window[] {
  const { at, removed, added } = edit;
  const shift = added - removed;
  const count = (windows.at(-1)?.end ?? 0) + shift;
  const holding = windows.findIndex(({ end }) => at < end);
  const first = holding < 0 ? windows.length - 1 : holding;
  const touched = windows[first];
  if (!touched) return planWindows(count, sizes);
  const behind = windows.slice(first + 1).filter(({ start }) => start >= at + removed);
  const moved = behind.map(({ start, scored, end }) => ({
    start: start + shift,
    scored: scored + shift,
    end: end + shift,
  }));
  const between = fill(touched.start, touched.scored, moved[0]?.scored ?? count, sizes);
  return [...windows.slice(0, first), ...between, ...moved];
}

function fill(start: number, scored: number, end: number, { size, overlap }: WindowSizes): Window[] {
  const windows: Window[] = [];
  while (scored < end) {
    const last = Math.min(end, start + size);
    windows.push({ start, scored, end: last });
    scored = last;
    start = Math.max(0, last - overlap);
  }
  return windows;
}

/** For each token after an edit the token before it that was scored after the very same tokens; -1 where there is none. */
export function unchangedTokens(
  before: readonly Window[],
  after: readonly Window[],
  { at, removed, added }: TokenEdit,
): Int32Array {
  const shift = added - removed;
  const starts = new Int32Array(before.at(-1)?.end ?? 0);
  for (const { start, scored, end } of before) starts.fill(start, scored, end);
  const from = new Int32Array(after.at(-1)?.end ?? 0).fill(-1);
  for (const { start, scored, end } of after) {
    for (let token = scored; token < end; token++) {
      if (token < at) {
        if (starts[token] === start) from[token] = token;
      } else if (token >= at + added) {
        const old = token - shift;
        // Its window must begin behind the edit, now and before.
        if (starts[old]! >= at + removed && starts[old]! + shift === start) from[token] = old;
      }
    }
  }
  return from;
}

/** The smallest edit that makes one sequence of ids the other. */
export function editBetween(before: ArrayLike<number>, after: ArrayLike<number>): TokenEdit {
  const shorter = Math.min(before.length, after.length);
  let at = 0;
  while (at < shorter && before[at] === after[at]) at++;
  let same = 0;
  while (same < shorter - at && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { at, removed: before.length - at - same, added: after.length - at - same };
}
