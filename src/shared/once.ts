/** What is made at its first use and kept, unless making it failed. */

export interface Once<T> {
  /** Makes it at the first call and answers the same from then on; where making it fails, the next call tries anew. */
  (): Promise<T>;
  /** The next call makes it anew; who waits gets what is being made. */
  forget(): void;
}

export function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined;
  const get = () => {
    if (made) return made;
    const making = make();
    made = making;
    // Whoever called is told; who calls next may be luckier. What was made anew meanwhile stays.
    making.catch(() => {
      if (made === making) made = undefined;
    });
    return making;
  };
  const forget = () => {
    made = undefined;
  };
  return Object.assign(get, { forget });
}
