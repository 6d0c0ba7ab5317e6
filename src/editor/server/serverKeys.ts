/** The keys of servers, in the editor's secret storage and nowhere else; a key goes to the origin it was given for. */

import type * as vscode from "vscode";
import type { ServerAddress } from "../../core/server/serverAddress.js";

/** Which origins have a key: the secret storage cannot list them. */
const ORIGINS = "glassbox.server.keyOrigins";

export class ServerKeys {
  readonly #secrets: vscode.SecretStorage;
  readonly #memory: vscode.Memento;

  constructor(secrets: vscode.SecretStorage, memory: vscode.Memento) {
    this.#secrets = secrets;
    this.#memory = memory;
  }

  async of({ origin }: ServerAddress): Promise<string | undefined> {
    return this.#secrets.get(secretName(origin));
  }

  async keep({ origin }: ServerAddress, key: string): Promise<void> {
    await this.#secrets.store(secretName(origin), key);
    await this.#memory.update(ORIGINS, [...new Set([...this.#origins, origin])]);
  }

  /** Forgets all keys; answers how many there were. */
  async forgetAll(): Promise<number> {
    const origins = this.#origins;
    for (const origin of origins) await this.#secrets.delete(secretName(origin));
    await this.#memory.update(ORIGINS, undefined);
    return origins.length;
  }

  get #origins(): string[] {
    return this.#memory.get<string[]>(ORIGINS, []);
  }
}

const secretName = (origin: string): string => `glassbox.server.key:${origin}`;
