/** The game itself: the text so far, the field for the guess, what is revealed, and the score. */

import { useEffect, useRef, useState } from "preact/hooks";
import { scoreOf, scoreWords } from "../../src/core/guess/round.js";
import type { GuessPassage, GuessRound, RatedToken, ScoredGuess } from "../../src/shared/panels/guess.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { Figure } from "../ui/Figure.js";
import { formatProbability, plural } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Button, LinkButton, TextField } from "../ui/toolkit.js";
import type { Guessing } from "./useGuessing.js";
import "./guess.css";

const NEWLINE = 0x0a;

export interface GuessExhibitProps {
  guessing: Guessing;
  passage: GuessPassage;
  onBegin(): void;
}

export function GuessExhibit({ guessing, passage, onBegin }: GuessExhibitProps) {
  const { phase, rounds } = guessing;
  const last = rounds.at(-1);
  const over = phase.kind === "over";
  return (
    <div class="guess" data-phase={phase.kind}>
      <TextSoFar guessing={guessing} passage={passage} />
      {passage.count === 0 && rounds.length === 0 && (
        <p>Nothing stands behind the caret, so the question is what the model itself would put there.</p>
      )}
      {(phase.kind === "guessing" || phase.kind === "scoring") && (
        <Turn guessing={guessing} passage={passage} />
      )}
      {(phase.kind === "revealed" || over) && last && <Revealed round={last} />}
      <span class="gb-visually-hidden" role="status">
        {phase.kind === "revealed" && last ? captionOf(last) : ""}
      </span>
      {phase.kind === "revealed" && <GoOn guessing={guessing} passage={passage} />}
      {over && (
        <p class="gb-row">
          {rounds.length === 0 && <span>Ended before the first guess.</span>}
          <Button appearance="primary" onClick={onBegin}>
            Play at the caret again
          </Button>
        </p>
      )}
      {rounds.length > 0 && passage.count > 0 && <Score rounds={rounds} count={passage.count} />}
    </div>
  );
}

function TextSoFar({ guessing, passage }: { guessing: Guessing; passage: GuessPassage }) {
  const hidden = passage.contextTokens - passage.before.length;
  return (
    <section class="guess-text" aria-label="The text so far">
      <div class="gb-strip">
        {hidden > 1 && <span class="gb-dim">{plural(hidden, "token")} before …</span>}
        {passage.before.map((token, at) => (
          // A token has no identity but its place.
          <Chip key={`${at}:${token.id}`} token={token} band={at} />
        ))}
        {guessing.rounds.map(
          ({ index, text, hit }) =>
            text && (
              <span key={`guessed ${index}`} class="guess-known">
                <Chip token={text.token} band={passage.before.length + index} />
                <Mark hit={hit} />
              </span>
            ),
        )}
        {(guessing.phase.kind === "guessing" || guessing.phase.kind === "scoring") && (
          <span class="guess-place" aria-hidden="true">
            ?
          </span>
        )}
      </div>
    </section>
  );
}

function Chip({ token, band }: { token: RatedToken["token"]; band: number }) {
  return (
    <>
      <TokenChip token={token} band={band} />
      {token.bytes.at(-1) === NEWLINE && <span class="gb-strip-break" />}
    </>
  );
}

const HIT_WORDS = { whole: "named", part: "named in part", miss: "not named" } as const;
const HIT_SIGNS = { whole: "✓", part: "◐", miss: "✗" } as const;

function Mark({ hit }: { hit: GuessRound["hit"] }) {
  if (!hit) return null;
  return (
    <span
      class={`guess-mark ${hit === "miss" ? "gb-contradicted" : "gb-verified"}`}
      title={HIT_WORDS[hit]}
      role="img"
      aria-label={HIT_WORDS[hit]}
    >
      {HIT_SIGNS[hit]}
    </span>
  );
}

/** The reader's turn: a field that has the focus already. */
function Turn({ guessing, passage }: { guessing: Guessing; passage: GuessPassage }) {
  const [typed, setTyped] = useState("");
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (guessing.phase.kind === "guessing")
      form.current?.querySelector<HTMLElement>("vscode-text-field")?.focus();
  }, [guessing.phase.kind, guessing.rounds.length]);
  const busy = guessing.phase.kind === "scoring";
  const guess = () => {
    if (typed !== "" && !busy) guessing.guess(typed);
  };
  const place =
    passage.count > 0 ? ` (token ${guessing.rounds.length + 1} of ${passage.count})` : " for the model";
  return (
    <form ref={form} class="guess-turn" onSubmit={(event) => event.preventDefault()}>
      <TextField
        label={`What comes next${place}?`}
        value={typed}
        onInput={setTyped}
        onEnter={guess}
        size={24}
        disabled={busy}
      />
      <p class="gb-row">
        <Button appearance="primary" disabled={busy || typed === ""} onClick={guess}>
          Guess
        </Button>
        <Button disabled={busy} onClick={() => guessing.guess("")}>
          Show me
        </Button>
        {guessing.rounds.length > 0 && <LinkButton onClick={guessing.end}>End here</LinkButton>}
      </p>
      <p class="gb-dim">
        A word, a sign, or <code>\n</code> for a line break and <code>\t</code> for a tab. A space in front
        need not be typed.
      </p>
    </form>
  );
}

function GoOn({ guessing, passage }: { guessing: Guessing; passage: GuessPassage }) {
  const row = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    row.current?.querySelector<HTMLElement>("vscode-button")?.focus();
  }, []);
  const last = guessing.rounds.length >= passage.count;
  return (
    <p ref={row} class="gb-row">
      <Button appearance="primary" onClick={guessing.goOn}>
        {last ? "Finish" : "Next token"}
      </Button>
      {!last && <LinkButton onClick={guessing.end}>End here</LinkButton>}
    </p>
  );
}

interface Row {
  who: string;
  what: { token: RatedToken["token"] } | { text: string };
  probability: number;
  bits: string;
}

/** What was guessed, what stands there, and what the model found most probable, on one scale. */
function Revealed({ round }: { round: GuessRound }) {
  const { guess, text, favourite, alternatives } = round;
  const rows: Row[] = [
    ...(guess
      ? [
          {
            who: "your guess",
            what: { text: guess.text },
            probability: guess.probability,
            bits: bitsOf(guess),
          },
        ]
      : []),
    ...(text
      ? [{ who: "stands there", what: text, probability: text.probability, bits: bitsWords(text.bits) }]
      : []),
    ...alternatives.map((each, at) => ({
      who: at === 0 ? "model’s favourite" : "also probable",
      what: each,
      probability: each.probability,
      bits: bitsWords(each.bits),
    })),
  ];
  const most = Math.max(...rows.map(({ probability }) => probability), Number.MIN_VALUE);
  return (
    <>
      <Figure
        name="round"
        caption={captionOf(round)}
        table={{
          columns: ["", "Text", "Probability", "Bits"],
          rows: () =>
            rows.map(({ who, what, probability, bits }) => [
              who,
              nameOf(what),
              formatProbability(probability),
              bits,
            ]),
          exact: () => rows.map(({ who, what, probability, bits }) => [who, nameOf(what), probability, bits]),
        }}
      >
        <ul class="guess-bars" aria-label="Probabilities">
          {rows.map(({ who, what, probability, bits }, at) => (
            <li key={`${at} ${who}`}>
              <span class="gb-dim">{who}</span>
              <span>
                {"token" in what ? (
                  <TokenChip token={what.token} />
                ) : (
                  <span class="gb-chip">{what.text}</span>
                )}
              </span>
              <span class="guess-track" aria-hidden="true">
                <span style={{ width: `${(100 * probability) / most}%` }} />
              </span>
              <span>
                {formatProbability(probability)} <span class="gb-dim">· {bits}</span>
              </span>
            </li>
          ))}
        </ul>
      </Figure>
      {guess && <p class="gb-dim">{ruleWords(guess)}</p>}
      {!text && (
        <p>
          Nothing stands here to be right about. Before the choice the model’s distribution had{" "}
          {round.entropy.toFixed(1)} bits of entropy; its favourite is “{visibleText(favourite.token.bytes)}”.
        </p>
      )}
    </>
  );
}

function nameOf(what: Row["what"]): string {
  return "token" in what ? visibleText(what.token.bytes) || what.token.name : what.text;
}

function bitsWords(bits: number): string {
  return Number.isFinite(bits) ? `${bits.toFixed(1)} bits` : "no way to spell it";
}

/** A range where ways of spelling were left out that could matter. */
function bitsOf({ bits, leastBits }: ScoredGuess): string {
  return bits - leastBits > 0.05 ? `${leastBits.toFixed(1)} to ${bitsWords(bits)}` : bitsWords(bits);
}

function captionOf({ guess, text, favourite, favouriteHit, hit }: GuessRound): string {
  const name = (token: RatedToken) => `“${nameOf(token)}”`;
  const model = `The model’s favourite was ${name(favourite)}, ${formatProbability(favourite.probability)}`;
  if (!text) {
    return guess
      ? `The model gave “${guess.text}” ${formatProbability(guess.probability)}, ${bitsOf(guess)}. ${model}.`
      : `${model}.`;
  }
  const there = `${name(text)} stands there`;
  const rank = text.rank === 1 ? "" : `, which it ranked ${text.rank.toLocaleString("en-US")}`;
  const right = favouriteHit ? "and is right" : `not that${rank}`;
  if (!guess) return `${there}, ${bitsWords(text.bits)}. ${model}, ${right}.`;
  const yours =
    hit === "whole"
      ? `you named it, and the model gave your guess ${bitsOf(guess)}`
      : hit === "part"
        ? `you named it in part, ${bitsOf(guess)} by the model`
        : `you guessed “${guess.text}”, ${bitsOf(guess)} by the model`;
  return `${there}: ${yours}. ${model}, ${right}.`;
}

/** What was scored, and by which rule. */
function ruleWords({ text, spaced, rule, beginning, spelling }: ScoredGuess): string {
  const space = spaced ? " With a space in front it is more probable, so that counted." : "";
  const spelled = spelling.map((token) => `“${visibleText(token.bytes)}”`).join(" + ");
  switch (rule) {
    case "token":
      return `“${text}” is one token${beginning > 1 ? `; the ${beginning - 1 === 1 ? "longer token that begins" : `${(beginning - 1).toLocaleString("en-US")} longer ones that begin`} with it ${beginning === 2 ? "counts" : "count"} too` : ""}, and so does every spelling in smaller pieces.${space}`;
    case "part":
      return `“${text}” is only the beginning of ${beginning === 1 ? "one token" : `${beginning.toLocaleString("en-US")} tokens`}, the most probable ${spelled}: all of them counted together.${space}`;
    case "several":
      return spelling.length === 0
        ? `“${text}” cannot be spelled with this model’s tokens.`
        : `“${text}” is more than one token: the most probable spelling is ${spelled}, and the probabilities of its tokens were multiplied; other spellings were added.${space}`;
  }
}

function Score({ rounds, count }: { rounds: readonly GuessRound[]; count: number }) {
  const score = scoreOf(rounds);
  const most = Math.max(1, ...rounds.flatMap(({ guess, text }) => [finite(guess?.bits), finite(text?.bits)]));
  return (
    <>
      <h2>
        You {score.whole}
        {score.part > 0 ? ` and ${score.part} in part` : ""}, the model {score.model}
      </h2>
      <Figure
        name="score"
        caption={scoreWords(rounds, count)}
        table={{
          columns: [
            "Token",
            "Your guess",
            "Bits of the guess",
            "Named",
            "Stands there",
            "Bits",
            "Rank",
            "Favourite",
            "Bits of the favourite",
            "Favourite was right",
          ],
          rows: () =>
            rounds.map(({ index, guess, text, favourite, hit, favouriteHit }) => [
              String(index + 1),
              guess?.text ?? "",
              guess ? guess.bits.toFixed(3) : "",
              hit ? HIT_WORDS[hit] : "",
              text ? nameOf(text) : "",
              text ? text.bits.toFixed(3) : "",
              text ? String(text.rank) : "",
              nameOf(favourite),
              favourite.bits.toFixed(3),
              text ? (favouriteHit ? "yes" : "no") : "",
            ]),
        }}
      >
        <ol class="guess-score">
          {rounds.map(({ index, guess, text, hit, favouriteHit }) => (
            <li key={index}>
              <span class="guess-score-marks">
                <Mark hit={hit} />
              </span>
              <span class="gb-chip">{text ? nameOf(text) : ""}</span>
              <span class="guess-score-bars">
                <Bits who="you" bits={guess?.bits} most={most} />
                <Bits who="text" bits={text?.bits} most={most} />
              </span>
              <span class="gb-dim">{favouriteHit ? "model right" : "model wrong"}</span>
            </li>
          ))}
        </ol>
      </Figure>
    </>
  );
}

function Bits({ who, bits, most }: { who: string; bits: number | undefined; most: number }) {
  return (
    <span class={`guess-bits guess-bits-${who}`}>
      <span class="gb-dim">{who}</span>
      <span class="guess-track" aria-hidden="true">
        {bits !== undefined && <span style={{ width: `${(100 * finite(bits)) / most}%` }} />}
      </span>
      <span class="gb-dim">{bits === undefined ? "no guess" : bitsWords(bits)}</span>
    </span>
  );
}

function finite(bits: number | undefined): number {
  return bits !== undefined && Number.isFinite(bits) ? bits : 0;
}
