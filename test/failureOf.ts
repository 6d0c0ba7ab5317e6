/** How a call failed, for tests in which failing is what it should do. */

import assert from "node:assert/strict";
import { GlassboxError } from "../src/shared/errors.js";

/** The error that a call failed with, which must be one of ours; undefined where it did not fail. */
export async function failureOf(call: Promise<unknown>): Promise<GlassboxError | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => {
      assert.ok(error instanceof GlassboxError, String(error));
      return error;
    },
  );
}

/** For `assert.throws` and `assert.rejects`: one of our errors, with this code and such a message. */
export const failsWith = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GlassboxError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
};
