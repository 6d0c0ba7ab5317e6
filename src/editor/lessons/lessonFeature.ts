import { Disposable } from "../disposable.js";

export class LessonFeature extends Disposable {
  constructor(..._parts: unknown[]) {
    super();
  }
  async open(_id?: string): Promise<void> {}
  async resetProgress(): Promise<void> {}
}
