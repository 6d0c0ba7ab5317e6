/** What panels say of the model that computed their numbers: its file under "How do you know?", and how small it is. */

import type { ComponentChildren } from "preact";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { ModelInfo } from "../../src/shared/types.js";
import { describeModel, formatBytes } from "./format.js";
import { sentence } from "./sentence.js";
import { LinkButton } from "./toolkit.js";

/** Models below this many parameters are said to be small. */
const SMALL = 100e6;

function millionsOf({ parameterCount }: ModelInfo): string {
  return t("{0} million parameters", formatCount(Math.round(parameterCount / 1e6)));
}

/** The first entries of a list of evidence. */
export function ModelFacts({ model, engine }: { model: ModelInfo; engine: string }) {
  return (
    <>
      <dt>{t("Model")}</dt>
      <dd>
        {model.name}, {model.quantisation}, {millionsOf(model)}
      </dd>
      <dt>{t("File")}</dt>
      <dd>
        <code>{model.path}</code>, {formatBytes(model.fileBytes)}
      </dd>
      <dt>{t("Engine")}</dt>
      <dd>{engine}</dd>
    </>
  );
}

/** The same in two entries, where the model may be a server's. */
export function ModelSource({ model }: { model: ModelInfo }) {
  return (
    <>
      <dt>{t("model")}</dt>
      <dd>{describeModel(model)}</dd>
      <dt>{model.server === undefined ? t("file") : t("sent to")}</dt>
      <dd>{model.path}</dd>
    </>
  );
}

/** Which better things a larger model brings: guesses, a game, numbers. */
type Gain = "guesses" | "opponent" | "surprise";

/** How small a model is, and the way to a larger one; nothing where it is not small. */
export function SizeNote(props: {
  model: ModelInfo;
  builtIn: boolean;
  /** What a larger model is good for. */
  gain: Gain;
  onChooseModel(): void;
}) {
  const { model, builtIn, gain } = props;
  if (model.parameterCount >= SMALL) return null;
  return (
    <p class="gb-dim gb-size-note">
      {builtIn ? storyNote(gain, millionsOf(model)) : t("This is a small model of {0}.", millionsOf(model))}{" "}
      {advice(gain, (words) => (
        <LinkButton onClick={props.onChooseModel}>{words}</LinkButton>
      ))}
    </p>
  );
}

function storyNote(gain: Gain, size: string): string {
  return gain === "surprise"
    ? t("This is a story model of {0}; it has never seen code, so most code surprises it.", size)
    : t("This is a story model of {0}; it has never seen code.", size);
}

function advice(gain: Gain, link: (words: ComponentChildren) => ComponentChildren): ComponentChildren {
  switch (gain) {
    case "guesses":
      return sentence("<0>Load a larger model</0> for better guesses.", link);
    case "opponent":
      return sentence("<0>Load a larger model</0> for a stronger opponent.", link);
    case "surprise":
      return sentence("<0>Load a larger model</0> for surprise that means more.", link);
  }
}
