/** The registry of exhibits: type -> component. A type of the catalogue without a component does not compile. */

import type { FunctionComponent } from "preact";
import type { ExhibitConfig, ExhibitType, LessonHostProtocol } from "../../../src/shared/panels/lesson.js";
import type { CommonHostProtocol, ModelState } from "../../../src/shared/panels/panel.js";
import type { Caller } from "../../../src/shared/rpc.js";
import type { Instrument } from "../instruments.js";
import { AttentionMapExhibit } from "./AttentionMapExhibit.js";
import { NextTokenExhibit } from "./NextTokenExhibit.js";
import { SameMeaningExhibit } from "./SameMeaningExhibit.js";
import { TokenStripExhibit } from "./TokenStripExhibit.js";

export type LessonHost = Caller<LessonHostProtocol & CommonHostProtocol>;

export interface ExhibitProps<C extends ExhibitConfig> {
  id: string;
  config: C;
  /** The text to run on, from the editor or the exhibit's own field. */
  text: string;
  /** The tokenizer that the settings name. */
  encoding: string;
  model: ModelState;
  host: LessonHost;
  /** Whether the result must not be seen yet, because the reader is to guess it. */
  covered: boolean;
  /** Told whenever what the checks can see has changed. */
  onInstrument(instrument: Instrument): void;
}

type Registry = { [T in ExhibitType]: FunctionComponent<ExhibitProps<Extract<ExhibitConfig, { type: T }>>> };

const REGISTRY: Registry = {
  "token-strip": TokenStripExhibit,
  "next-token": NextTokenExhibit,
  "attention-map": AttentionMapExhibit,
  languages: SameMeaningExhibit,
};

export function Exhibit(props: ExhibitProps<ExhibitConfig>) {
  // The entry under a config's own type takes that config; TypeScript does not follow the pair through the lookup.
  const Component = REGISTRY[props.config.type] as FunctionComponent<ExhibitProps<ExhibitConfig>>;
  return <Component {...props} />;
}
