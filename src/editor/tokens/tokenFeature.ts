import { Disposable } from "../disposable.js";

export class TokenFeature extends Disposable {
  constructor(..._parts: unknown[]) {
    super();
  }
  toggleBoundaries(): void {}
  async chooseTokenizer(): Promise<void> {}
}
