/** Waits for conditions: the harness never sleeps for a fixed time. */

export interface UntilOptions {
  /** What is waited for, for the message when it does not come. */
  what: string | (() => string);
  timeoutMs?: number;
}

/**
 * Asks `probe` until it answers something other than undefined, null or false.
 * @throws with `what` after `timeoutMs` (15 s), and with the last error of the probe where it threw.
 */
export async function until<T>(
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  options: UntilOptions,
): Promise<T> {
  const deadline = Date.now() + (options.timeoutMs ?? 15_000);
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      // A frame may be replaced while it is being asked; the next round asks its successor.
      lastError = error;
    }
    if (Date.now() > deadline) {
      const what = typeof options.what === "string" ? options.what : options.what();
      throw new Error(`Waited in vain for ${what}.`, lastError ? { cause: lastError } : undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
