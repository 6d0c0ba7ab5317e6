/** Carries the measured activation time from the start of the run to the suite that judges it. */

const VARIABLE = "GLASSBOX_ACTIVATION_MS";

/** @param milliseconds that `extension.activate()` took. */
export function noteActivationTime(milliseconds: number): void {
  // Each test file is a bundle of its own; the environment is what they share.
  process.env[VARIABLE] = String(milliseconds);
}

/** Milliseconds, or undefined where the extension was active before anybody measured. */
export function activationTime(): number | undefined {
  const noted = process.env[VARIABLE];
  return noted === undefined ? undefined : Number(noted);
}
