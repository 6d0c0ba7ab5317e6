/** What is made at its first use and kept, unless making it failed. */

/** Makes something at the first call and answers the same from then on; where making it fails, the next call tries anew. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (made) return made;
    const making = make();
    made = making;
    // Whoever called is told; who calls next may be luckier.
    making.catch(() => {
      made = undefined;
    });
    return making;
  };
}
