/** Names that Node gives to every file, for the build for VS Code in a browser. */

declare const MessageChannel: new () => {
  port1: { onmessage: (() => void) | null; close(): void };
  port2: { postMessage(message: unknown): void };
};

/** Lets others have their turn, without the pause that a browser adds to nested timers. */
export function setImmediate(work: () => void): { cancelled: boolean } {
  const handle = { cancelled: false };
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    if (!handle.cancelled) work();
  };
  port2.postMessage(null);
  return handle;
}

export function clearImmediate(handle: { cancelled: boolean } | undefined): void {
  if (handle) handle.cancelled = true;
}

export const process = { platform: "web", env: {} };

export const Buffer = {
  byteLength: (text: string): number => new TextEncoder().encode(text).length,
};
