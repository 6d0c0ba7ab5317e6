import { Disposable } from "../disposable.js";

export class ExplainFeature extends Disposable {
  constructor(..._parts: unknown[]) {
    super();
  }
  async explainSelection(): Promise<void> {}
  async showWhatWasSent(): Promise<void> {}
}
