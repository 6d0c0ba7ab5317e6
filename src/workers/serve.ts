/** The worker's end of a forked process: connects its handlers to the parent and says when it is ready. */

import { GlassboxError } from "../shared/errors.js";
import { t } from "../shared/l10n.js";
import { type Channel, connect, type Handlers, type ProtocolOf } from "../shared/rpc.js";
import { WORKER_READY } from "../shared/workerProtocol.js";

/**
 * Serves a protocol to the process that forked this one.
 * The process ends when the parent does, so that no worker is left behind.
 */
export function serveWorker<P extends ProtocolOf<P>>(handlers: Handlers<P>): void {
  const send = process.send?.bind(process);
  if (!send) throw new GlassboxError("invalid-request", "This file is a worker: it must be forked.");
  const channel: Channel = {
    post: (message) => void send(message),
    onMessage: (listener) => void process.on("message", listener),
    onClose: (listener) =>
      void process.on("disconnect", () => {
        listener(new GlassboxError("closed", t("The editor closed the connection.")));
        process.exit(0);
      }),
  };
  connect<Record<never, never>, P>(channel, handlers);
  send(WORKER_READY);
}
