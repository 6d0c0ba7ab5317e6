/** Which arithmetic made the picture, and how far the lens and llama.cpp agree on the text on screen. */

import { inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { EngineAgreement } from "../../src/shared/types.js";
import { countedPositions } from "../ui/counted.js";
import { LinkButton } from "../ui/toolkit.js";
import type { AgreementState, Attention } from "./useAttention.js";

/**
 * Up to this difference the engine's own rounding explains it: as it really runs it was measured to differ from f32
 * by up to 0.14 at single positions with weights of 8 bits, and by 0.21 with weights of 2 bits (CONFORMANCE.md).
 */
const EXPLAINED_BELOW = 0.3;

/** 1.2e-6, 0.031, 0: a difference of probabilities. */
export function formatDifference(difference: number): string {
  if (difference === 0) return "0";
  return inLanguage(difference < 1e-3 ? difference.toExponential(1) : difference.toPrecision(2));
}

/** "agrees with llama.cpp: largest probability difference 1.2e-6, same top token at 63 of 63 positions" */
export function agreementText(agreement: EngineAgreement): string {
  const found = numbersOf(agreement);
  return agreement.maxProbabilityDifference < EXPLAINED_BELOW
    ? t("agrees with llama.cpp: largest probability difference {0}, same top token at {1} of {2}", ...found)
    : t("differs from llama.cpp: largest probability difference {0}, same top token at {1} of {2}", ...found);
}

/** The same of a comparison that was stopped. */
function textSoFar(agreement: EngineAgreement): string {
  const found = numbersOf(agreement);
  return agreement.maxProbabilityDifference < EXPLAINED_BELOW
    ? t(
        "stopped; so far it agrees with llama.cpp: largest probability difference {0}, same top token at {1} of {2}",
        ...found,
      )
    : t(
        "stopped; so far it differs from llama.cpp: largest probability difference {0}, same top token at {1} of {2}",
        ...found,
      );
}

function numbersOf({ positions, maxProbabilityDifference, top1Agreements }: EngineAgreement) {
  return [formatDifference(maxProbabilityDifference), top1Agreements, countedPositions(positions)] as const;
}

export function AgreementLine({ attention, total }: { attention: Attention; total: number }) {
  return (
    <>
      <Agreement state={attention.agreement} total={total} />
      <Path attention={attention} />
    </>
  );
}

/** How the numbers were computed, and the way to the other arithmetic where there are two. */
function Path({ attention }: { attention: Attention }) {
  const { run, exact, setExact } = attention;
  if (!run) return null;
  if (!run.exact) {
    return (
      <p class="gb-dim">
        {t("Computed with 16-bit integers, which is quicker.")}{" "}
        <LinkButton onClick={() => setExact(true)}>{t("Compute in 32-bit floats")}</LinkButton>
      </p>
    );
  }
  return (
    <p class="gb-dim">
      {t("Computed in 32-bit floats.")}{" "}
      {exact && <LinkButton onClick={() => setExact(false)}>{t("Take the quicker way again")}</LinkButton>}
    </p>
  );
}

function Agreement({ state, total }: { state: AgreementState; total: number }) {
  switch (state.kind) {
    case "none":
      return null;
    case "comparing":
      return (
        <p class="att-agreement gb-dim" role="status">
          {t("comparing with llama.cpp: {0} of {1} …", state.soFar?.positions ?? 0, countedPositions(total))}
        </p>
      );
    case "compared": {
      const explained = state.agreement.maxProbabilityDifference < EXPLAINED_BELOW;
      return (
        <p class="att-agreement" role="status">
          <span class={explained ? "gb-verified" : "gb-contradicted"} aria-hidden="true">
            {explained ? "✓" : "✗"}
          </span>{" "}
          {agreementText(state.agreement)}
        </p>
      );
    }
    case "stopped":
      return (
        <p class="att-agreement gb-dim">
          <span class="gb-unchecked" aria-hidden="true">
            ○
          </span>{" "}
          {state.soFar ? textSoFar(state.soFar) : t("not compared with llama.cpp")}
        </p>
      );
    case "failed":
      return (
        <p class="att-agreement gb-dim" role="status">
          <span class="gb-unchecked" aria-hidden="true">
            ○
          </span>{" "}
          {t("not compared with llama.cpp: {0}", state.error.message)}
        </p>
      );
  }
}
