import { Disposable } from "../disposable.js";

export class AttentionFeature extends Disposable {
  constructor(..._parts: unknown[]) {
    super();
  }
  async show(): Promise<void> {}
}
