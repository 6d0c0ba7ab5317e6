/** The hosts of other panels' exhibits, one for each exhibit of the lesson that is shown, asked about its text. */

import { isExperiment, needsModel } from "../../core/lessons/exhibits.js";
import { GlassboxError } from "../../shared/errors.js";
import type { AttentionHost } from "../../shared/panels/attention.js";
import type { ExperimentHost } from "../../shared/panels/experiments.js";
import type { ExhibitType, Lesson } from "../../shared/panels/lesson.js";
import type { SamplingHost } from "../../shared/panels/sampling.js";
import type { Caller, HandlerContext, Handlers } from "../../shared/rpc.js";
import type { LensProtocol, ModelProtocol } from "../../shared/workerProtocol.js";
import { attentionHandlers } from "../attention/attentionHandlers.js";
import type { ModelService } from "../models.js";
import { samplingHandlers } from "../sampling/samplingHandlers.js";
import type { SessionCounts } from "../sessionUse.js";
import { experimentHandlers } from "./experimentHandlers.js";

interface ExhibitHost {
  text: string;
  handlers: Map<string, (params: unknown, context: HandlerContext<unknown>) => unknown>;
}

export class ExhibitHosts {
  readonly #models: ModelService;
  readonly #lens: Caller<LensProtocol>;
  readonly #beside: Caller<ModelProtocol>;
  readonly #counts: SessionCounts;
  #hosts = new Map<string, ExhibitHost>();

  /** @param beside a second process for models, where two are compared. */
  constructor(
    models: ModelService,
    lens: Caller<LensProtocol>,
    beside: Caller<ModelProtocol>,
    counts: SessionCounts,
  ) {
    this.#models = models;
    this.#lens = lens;
    this.#beside = beside;
    this.#counts = counts;
  }

  /** Makes room for the exhibits of another lesson. */
  show(lesson: Lesson): void {
    this.#hosts = new Map();
    for (const block of lesson.blocks) {
      if (block.kind !== "exhibit") continue;
      if (!needsModel(block.config.type) && !isExperiment(block.config.type)) continue;
      const host: ExhibitHost = { text: "", handlers: new Map() };
      const handlers = this.#handlers(block.config.type, () => host.text);
      // Own properties only, as for every request from a page.
      host.handlers = new Map(Object.entries(handlers)) as ExhibitHost["handlers"];
      this.#hosts.set(block.id, host);
    }
  }

  /** Answers a request of an embedded exhibit in its own panel's protocol. */
  call(
    request: { exhibitId: string; text: string; method: string; params: unknown },
    context: HandlerContext<unknown>,
  ): unknown {
    const host = this.#hosts.get(request.exhibitId);
    const handler = host?.handlers.get(request.method);
    if (!host || !handler) {
      throw new GlassboxError(
        "invalid-request",
        `The exhibit "${request.exhibitId}" does not answer "${request.method}".`,
      );
    }
    host.text = request.text;
    return handler(request.params, context);
  }

  #handlers(
    type: ExhibitType,
    text: () => string,
  ): Handlers<SamplingHost> | Handlers<AttentionHost> | Handlers<ExperimentHost> {
    if (isExperiment(type)) {
      return experimentHandlers({
        models: this.#models,
        lens: this.#lens,
        beside: this.#beside,
        counts: this.#counts,
      });
    }
    const place = { fileName: "", firstLine: 0, lastLine: 0 };
    if (type === "attention-map" || type === "layers" || type === "embeddings") {
      return attentionHandlers(this.#models, this.#lens, {
        text: () => ({ text: text(), source: { ...place, chosen: "lesson" } }),
        // The text may have been typed into the lesson: there is nothing to light in a document.
        light: () => {},
        point: () => {},
        reveal: () => {},
        takeSelection: () => {},
        useBuiltInModel: () => this.#models.choose(),
      });
    }
    return samplingHandlers(
      this.#models,
      () => ({ ...place, text: text(), languageId: "plaintext", scope: "given", cutAtStart: false }),
      () => {},
    );
  }
}
