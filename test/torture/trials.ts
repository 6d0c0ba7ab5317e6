/** What a torture is made of: trials that are counted, each of which is survived or is told of. */

export interface TorturePlan {
  /** Where the random numbers begin; the same seed tries the same things. */
  seed: number;
  /** How long, as a part of a full run. */
  share: number;
}

export class Trials {
  tried = 0;
  survived = 0;

  /** Tries something; what it throws is what did not survive. */
  async attempt(what: string, work: () => Promise<void> | void): Promise<void> {
    this.tried++;
    try {
      await work();
      this.survived++;
    } catch (error) {
      console.log(`  ✖ ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }

  /** Takes in what another process tried. */
  add(other: { tried: number; survived: number; failures: readonly string[] }): void {
    this.tried += other.tried;
    this.survived += other.survived;
    for (const failure of other.failures) console.log(`  ✖ ${failure}`);
  }
}

/** What there is to try, by the names that the command takes. */
export const TORTURES = {
  texts: "hostile lessons and prices",
  downloads: "downloads, cut and killed",
  kills: "the model's process, killed in the middle",
  headers: "damaged headers of model files",
  editor: "floods of edits, panels opened and closed, nonsense in the settings",
} as const;

/** One kind of torture. */
export interface Torture {
  title: (typeof TORTURES)[keyof typeof TORTURES];
  run(trials: Trials, plan: TorturePlan): Promise<void>;
}

/** So many times of a full run's, once at least. */
export function times(full: number, { share }: TorturePlan): number {
  return Math.max(1, Math.round(full * share));
}
