/** Places of the text to walk through, the first few at once and the others on request. */

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { LinkButton } from "../ui/toolkit.js";

/** As many places are listed at once. */
const LISTED = 12;

export interface PlaceListProps {
  /** Whatever the caller numbers its places by. */
  places: readonly number[];
  text(place: number): string | undefined;
  /** Lines count from 0. */
  line(place: number): number;
  /** What is said of a place, and what would have been expected there. */
  said(place: number): ComponentChild;
  expected(place: number): ComponentChild;
  onReveal(place: number): void;
}

export function PlaceList({ places, text, line, said, expected, onReveal }: PlaceListProps) {
  const [listed, setListed] = useState(LISTED);
  return (
    <>
      <ol class="surprisal-places">
        {places.slice(0, listed).map((place) => (
          <li key={place}>
            <button type="button" onClick={() => onReveal(place)}>
              <span class="gb-chip">{text(place)}</span>
              <span class="surprisal-place">{t("line {0}", line(place) + 1)}</span>
              <span>{said(place)}</span>
              {expected(place)}
            </button>
          </li>
        ))}
      </ol>
      {places.length > listed && (
        <p>
          <LinkButton onClick={() => setListed(listed + 4 * LISTED)}>
            {t("More, of {0}", formatCount(places.length))}
          </LinkButton>
        </p>
      )}
    </>
  );
}
