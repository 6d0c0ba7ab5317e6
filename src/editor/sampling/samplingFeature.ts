import { Disposable } from "../disposable.js";

export class SamplingFeature extends Disposable {
  constructor(..._parts: unknown[]) {
    super();
  }
  async show(): Promise<void> {}
}
