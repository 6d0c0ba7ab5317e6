/** The one error type that crosses process borders: what failed, what was found, what to do. */

export type ErrorCode =
  /** The reader or the program stopped it on purpose. Never shown as an error. */
  | "cancelled"
  /** The other end of a channel went away in an orderly fashion. */
  | "closed"
  /** A worker process died. The next request starts it anew. */
  | "crashed"
  /** The caller asked for something that makes no sense; a fault of ours. */
  | "invalid-request"
  /** No model has been chosen or fetched. */
  | "no-model"
  /** A file is not there or cannot be read. */
  | "file-unreadable"
  /** A file is there but is not what it should be. */
  | "file-invalid"
  /** A valid file that needs something we do not support; the message names it. */
  | "unsupported"
  /** More text than the model's context holds. */
  | "too-long"
  /** The reader's code failed or ran past its limits in the sandbox. */
  | "sandbox"
  /** A server that the reader has connected to cannot be reached, refuses, or answers something else. */
  | "server"
  /** Anything else. */
  | "failed";

export interface WireError {
  code: ErrorCode;
  message: string;
  /** What the reader can do about it. */
  remedy?: string;
  stack?: string;
}

export class GlassboxError extends Error {
  override readonly name = "GlassboxError";
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  /** @param message what failed and what was found, as one or two sentences. @param remedy what to do. */
  constructor(code: ErrorCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }

  static cancelled(): GlassboxError {
    return new GlassboxError("cancelled", "Stopped.");
  }

  /** Wraps anything that was thrown; a `GlassboxError` comes back unchanged, an `AbortError` as `cancelled`. */
  static from(error: unknown): GlassboxError {
    if (error instanceof GlassboxError) return error;
    if (error instanceof Error) {
      if (error.name === "AbortError") return GlassboxError.cancelled();
      return new GlassboxError("failed", error.message, undefined, { cause: error });
    }
    return new GlassboxError("failed", String(error));
  }

  static fromWire(wire: WireError): GlassboxError {
    const error = new GlassboxError(wire.code, wire.message, wire.remedy);
    if (wire.stack !== undefined) error.stack = wire.stack;
    return error;
  }
}

/** What of anything that was thrown goes over a channel. */
export function toWireError(thrown: unknown): WireError {
  const error = GlassboxError.from(thrown);
  const wire: WireError = { code: error.code, message: error.message };
  if (error.remedy !== undefined) wire.remedy = error.remedy;
  if (error.stack !== undefined) wire.stack = error.stack;
  return wire;
}

/** Whether it was thrown because somebody gave up, which is not an error to be shown. */
export function isCancelled(error: unknown): boolean {
  return GlassboxError.from(error).code === "cancelled";
}

/** Throws `cancelled` when the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw GlassboxError.cancelled();
}
