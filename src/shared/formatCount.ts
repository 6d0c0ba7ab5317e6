/** How every number that a reader sees is written: with a comma between thousands, as in 12,345. */

/** At most three digits behind the point; a language other than English is not guessed from the machine. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
