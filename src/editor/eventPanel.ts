/** A panel whose page is told a state once and then, in batches, the events that change it. */

import type * as vscode from "vscode";
import { GlassboxError } from "../shared/errors.js";
import { EventBatch } from "../shared/eventBatch.js";
import type { EventPage } from "../shared/panels/eventPage.js";
import type { ProtocolOf } from "../shared/rpc.js";
import { Disposable } from "./disposable.js";
import { Panel, type PanelEnvironment, type PanelOptions } from "./panel.js";

export interface EventPanelOptions<HostServes extends ProtocolOf<HostServes>>
  extends PanelOptions<HostServes> {
  log: vscode.LogOutputChannel;
  /** The reader has closed the panel: nobody is there to read on. */
  onDidClose(): void;
}

export class EventPanel<State, Event, HostServes extends ProtocolOf<HostServes>> extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #options: EventPanelOptions<HostServes>;
  #panel: Panel<EventPage<State, Event>, HostServes> | undefined;
  readonly #batch = new EventBatch<Event>((events) => {
    this.#tell(this.#panel?.page.call("happened", { events }));
  });

  constructor(environment: PanelEnvironment, options: EventPanelOptions<HostServes>) {
    super();
    this.#environment = environment;
    this.#options = options;
    this._register({
      dispose: () => {
        this.#batch.clear();
        this.#panel?.dispose();
      },
    });
  }

  /** Where the panel stands now; undefined while it is hidden or closed. */
  get viewColumn(): vscode.ViewColumn | undefined {
    return this.#panel?.viewColumn;
  }

  /** Shows another state; events of the one before that have not been told are none of its. */
  show(state: State): void {
    this.#batch.clear();
    if (this.#panel) this.#panel.reveal();
    else this.#open();
    this.#tell(this.#panel?.page.call("opened", state));
  }

  post(event: Event): void {
    this.#batch.post(event);
  }

  #open(): void {
    const panel = new Panel<EventPage<State, Event>, HostServes>(this.#environment, this.#options);
    panel.onDidClose(() => {
      this.#panel = undefined;
      this.#options.onDidClose();
    });
    this.#panel = panel;
  }

  /** A page may close while a message is under way. */
  #tell(message: Promise<unknown> | undefined): void {
    message?.catch((error: unknown) => {
      const { code, message: text } = GlassboxError.from(error);
      if (code !== "closed") this.#options.log.warn(text);
    });
  }
}
