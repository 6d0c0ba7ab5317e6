/** The greedy, the beam's and a drawn continuation of one prompt beside each other. */

import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { describeProbability } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { LinkButton } from "../ui/toolkit.js";
import type { Sampling } from "./useSampling.js";
import { type DrawnToken, WAY_NAMES, type Way } from "./walk.js";

interface Road {
  way: Way;
  leaf: number;
  steps: DrawnToken[];
  /** Natural logarithm of the probability of its tokens together. */
  logProbability: number;
}

export function BesideRoads({ sampling }: { sampling: Sampling }) {
  const { beside, tree } = sampling;
  if (!beside) return null;
  const before = tree.pathTo(beside.from).length;
  const roads = beside.roads.map(({ way, leaf }): Road => {
    const steps = tree
      .pathTo(leaf)
      .map(({ step }) => step)
      .slice(before);
    const logProbability = tree.logProbability(leaf) - tree.logProbability(beside.from);
    return { way, leaf, steps, logProbability };
  });
  const bits = ({ logProbability, steps }: Road) => -logProbability / Math.LN2 / Math.max(1, steps.length);
  return (
    <div class="sampling-ways">
      <Figure
        name="three-ways"
        caption={captionOf(roads)}
        table={{
          columns: ["Way", "Text", "Tokens", "Together", "Bits a token"],
          heads: [t("Way"), t("Text"), t("Tokens"), t("Together"), t("Bits a token")],
          rows: () =>
            roads.map((road) => [
              WAY_NAMES[road.way],
              textOf(road),
              String(road.steps.length),
              describeProbability(Math.exp(road.logProbability)),
              formatFixed(bits(road), 2),
            ]),
          exact: () =>
            roads.map((road) => [
              ...[WAY_NAMES[road.way], textOf(road), road.steps.length],
              ...[Math.exp(road.logProbability), bits(road)],
            ]),
        }}
      >
        <ol class="sampling-beside">
          {roads.map((road) => (
            <li key={road.way}>
              <LinkButton
                label={t("{0}: go to its end", WAY_NAMES[road.way])}
                onClick={() => sampling.goTo(road.leaf)}
              >
                {WAY_NAMES[road.way]}
              </LinkButton>
              <span class="gb-strip">
                {road.steps.map((step) => (
                  <TokenChip
                    key={step.index}
                    token={step.token}
                    band={step.index}
                    probability={step.before}
                  />
                ))}
              </span>
              <span class="gb-dim">
                {t(
                  "{0}, {1} bits a token",
                  describeProbability(Math.exp(road.logProbability)),
                  formatFixed(bits(road), 2),
                )}
              </span>
            </li>
          ))}
        </ol>
      </Figure>
    </div>
  );
}

function textOf({ steps }: Road): string {
  return textOfTokens(steps.map(({ token }) => token));
}

/** What the numbers say: which road is the more probable, and by how much. */
function captionOf(roads: readonly Road[]): string {
  const [greedy, beam, drawn] = (["greedy", "beam", "drawn"] as const).map((way) =>
    roads.find((road) => road.way === way),
  );
  if (!greedy || !beam || !drawn) return "";
  const sentences: string[] = [];
  const same = (one: Road, other: Road) => one.leaf === other.leaf;
  if (same(greedy, beam)) sentences.push(t("The beam found nothing more probable than the greedy choice."));
  else if (greedy.steps.length !== beam.steps.length)
    sentences.push(t("The beam found another road, of another length."));
  else {
    const { likelier, times } = compared(beam, greedy);
    sentences.push(
      likelier
        ? t("The beam found a road {0} times as probable as the greedy one.", times)
        : t("The beam found a road {0} times as improbable as the greedy one.", times),
    );
  }
  if (same(greedy, drawn)) sentences.push(t("The draw took the greedy road."));
  else if (drawn.steps.length === greedy.steps.length) {
    const { likelier, times } = compared(drawn, greedy);
    sentences.push(
      likelier
        ? t("The drawn one is {0} times as probable as the greedy one.", times)
        : t("The drawn one is {0} times as improbable as the greedy one.", times),
    );
  } else sentences.push(t("The drawn one has {0}.", countedTokens(drawn.steps.length)));
  return sentences.join(" ");
}

/** How many times as probable one road is as the other, or as improbable. */
function compared(one: Road, other: Road): { likelier: boolean; times: string } {
  const ratio = Math.exp(one.logProbability - other.logProbability);
  const times = Math.max(ratio, 1 / ratio);
  return {
    likelier: ratio >= 1,
    times: times < 100 ? formatFixed(times, 1) : formatCount(Number(times.toPrecision(2))),
  };
}
