/** Counts what the parts of a session do: requests to each process, calls of each tool. Nothing of it is kept or sent. */

import type { SessionUse } from "../shared/panels/experiments.js";

export class SessionCounts {
  readonly #devices = new Map<string, Map<string, number>>();

  /** @param device such as "model" or "tools". @param request such as "generate" or "calculate". */
  count(device: string, request: string): void {
    const requests = this.#devices.get(device) ?? new Map<string, number>();
    this.#devices.set(device, requests);
    requests.set(request, (requests.get(request) ?? 0) + 1);
  }

  /** Devices in the order of their first use, the requests of each by how often they were made. */
  get devices(): SessionUse["devices"] {
    return [...this.#devices].map(([device, requests]) => ({
      device,
      requests: [...requests]
        .map(([name, count]) => ({ name, count }))
        .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
    }));
  }
}
