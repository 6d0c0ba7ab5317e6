/** What panels say of the model that computed their numbers: its file under "How do you know?", and how small it is. */

import { formatCount } from "../../src/shared/formatCount.js";
import type { ModelInfo } from "../../src/shared/types.js";
import { formatBytes } from "./format.js";
import { LinkButton } from "./toolkit.js";

/** Models below this many parameters are said to be small. */
const SMALL = 100e6;

function millionsOf({ parameterCount }: ModelInfo): string {
  return `${formatCount(Math.round(parameterCount / 1e6))} million parameters`;
}

/** The first entries of a list of evidence. */
export function ModelFacts({ model, engine }: { model: ModelInfo; engine: string }) {
  return (
    <>
      <dt>Model</dt>
      <dd>
        {model.name}, {model.quantisation}, {millionsOf(model)}
      </dd>
      <dt>File</dt>
      <dd>
        <code>{model.path}</code>, {formatBytes(model.fileBytes)}
      </dd>
      <dt>Engine</dt>
      <dd>{engine}</dd>
    </>
  );
}

/** How small a model is, and the way to a larger one; nothing where it is not small. */
export function SizeNote(props: {
  model: ModelInfo;
  builtIn: boolean;
  /** What follows "it has never seen code" of the built-in model. */
  consequence?: string;
  /** What a larger model is good for: "better guesses". */
  gain: string;
  onChooseModel(): void;
}) {
  const { model, builtIn, consequence = "" } = props;
  if (model.parameterCount >= SMALL) return null;
  return (
    <p class="gb-dim gb-size-note">
      {builtIn
        ? `This is a story model of ${millionsOf(model)}; it has never seen code${consequence}.`
        : `This is a small model of ${millionsOf(model)}.`}{" "}
      <LinkButton onClick={props.onChooseModel}>Load a larger model</LinkButton> for {props.gain}.
    </p>
  );
}
