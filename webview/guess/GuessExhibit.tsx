/** The game itself: the text so far, the field for the guess, what is revealed, and the score. */

import { useEffect, useRef, useState } from "preact/hooks";
import { scoreOf, scoreWords } from "../../src/core/guess/round.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { GuessPassage, GuessRound, RatedToken, ScoredGuess } from "../../src/shared/panels/guess.js";
import { tokenName } from "../../src/shared/tokenName.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { formatProbability } from "../ui/format.js";
import { sentence } from "../ui/sentence.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Track } from "../ui/Track.js";
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
        <p>
          {t("Nothing stands behind the caret, so the question is what the model itself would put there.")}
        </p>
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
          {rounds.length === 0 && <span>{t("Ended before the first guess.")}</span>}
          <Button appearance="primary" onClick={onBegin}>
            {t("Play at the caret again")}
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
    <section class="guess-text" aria-label={t("The text so far")}>
      <div class="gb-strip">
        {hidden > 1 && <span class="gb-dim">{t("{0} before …", countedTokens(hidden))}</span>}
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

const HIT_WORDS = {
  whole: t("named"),
  part: t("named in part"),
  miss: t("not named"),
} as const;
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
  return (
    <form ref={form} class="guess-turn" onSubmit={(event) => event.preventDefault()}>
      <TextField
        label={
          passage.count > 0
            ? t("What comes next (token {0} of {1})?", guessing.rounds.length + 1, passage.count)
            : t("What comes next for the model?")
        }
        value={typed}
        onInput={setTyped}
        onEnter={guess}
        size={24}
        disabled={busy}
      />
      <p class="gb-row">
        <Button appearance="primary" disabled={busy || typed === ""} onClick={guess}>
          {t("Guess")}
        </Button>
        <Button disabled={busy} onClick={() => guessing.guess("")}>
          {t("Show me")}
        </Button>
        {guessing.rounds.length > 0 && <LinkButton onClick={guessing.end}>{t("End here")}</LinkButton>}
      </p>
      <p class="gb-dim">
        {sentence(
          "A word, a sign, or {0} for a line break and {1} for a tab. A space in front need not be typed.",
          <code>\n</code>,
          <code>\t</code>,
        )}
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
        {last ? t("Finish") : t("Next token")}
      </Button>
      {!last && <LinkButton onClick={guessing.end}>{t("End here")}</LinkButton>}
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
            who: t("your guess"),
            what: { text: guess.text },
            probability: guess.probability,
            bits: bitsOf(guess),
          },
        ]
      : []),
    ...(text
      ? [{ who: t("stands there"), what: text, probability: text.probability, bits: bitsWords(text.bits) }]
      : []),
    ...alternatives.map((each, at) => ({
      who: at === 0 ? t("model’s favourite") : t("also probable"),
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
          heads: ["", t("Text"), t("Probability"), t("Bits")],
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
        <ul class="guess-bars" aria-label={t("Probabilities")}>
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
              <Track share={probability / most} />
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
          {t(
            "Nothing stands here to be right about. Before the choice the model’s distribution had {0} bits of entropy; its favourite is “{1}”.",
            formatFixed(round.entropy, 1),
            nameOf(favourite),
          )}
        </p>
      )}
    </>
  );
}

function nameOf(what: Row["what"]): string {
  return "token" in what ? tokenName(what.token) : what.text;
}

function bitsWords(bits: number): string {
  return Number.isFinite(bits) ? t("{0} bits", formatFixed(bits, 1)) : t("no way to spell it");
}

/** A range where ways of spelling were left out that could matter. */
function bitsOf({ bits, leastBits }: ScoredGuess): string {
  return bits - leastBits > 0.05
    ? t("{0} to {1}", formatFixed(leastBits, 1), bitsWords(bits))
    : bitsWords(bits);
}

function captionOf(round: GuessRound): string {
  return `${guessWords(round)} ${favouriteWords(round)}`.trim();
}

/** What stands there and what the reader's guess got; nothing where there is neither. */
function guessWords({ guess, text, hit }: GuessRound): string {
  if (!text) {
    return guess
      ? t("The model gave “{0}” {1}, {2}.", guess.text, formatProbability(guess.probability), bitsOf(guess))
      : "";
  }
  const there = nameOf(text);
  if (!guess) return t("“{0}” stands there, {1}.", there, bitsWords(text.bits));
  const bits = bitsOf(guess);
  switch (hit) {
    case "whole":
      return t("“{0}” stands there: you named it, and the model gave your guess {1}.", there, bits);
    case "part":
      return t("“{0}” stands there: you named it in part, {1} by the model.", there, bits);
    default:
      return t("“{0}” stands there: you guessed “{1}”, {2} by the model.", there, guess.text, bits);
  }
}

function favouriteWords({ text, favourite, favouriteHit }: GuessRound): string {
  const name = nameOf(favourite);
  const probability = formatProbability(favourite.probability);
  if (!text) return t("The model’s favourite was “{0}”, {1}.", name, probability);
  if (favouriteHit) return t("The model’s favourite was “{0}”, {1}, and is right.", name, probability);
  if (text.rank === 1) return t("The model’s favourite was “{0}”, {1}, not that.", name, probability);
  return t(
    "The model’s favourite was “{0}”, {1}, not that, which it ranked {2}.",
    name,
    probability,
    formatCount(text.rank),
  );
}

/** What was scored, and by which rule. */
function ruleWords(guess: ScoredGuess): string {
  const rule = ruleSentence(guess);
  // What cannot be spelled is scored with no space either.
  if (!guess.spaced || (guess.rule === "several" && guess.spelling.length === 0)) return rule;
  return `${rule} ${t("With a space in front it is more probable, so that counted.")}`;
}

function ruleSentence({ text, rule, beginning, spelling }: ScoredGuess): string {
  const spelled = spelling.map((token) => t("“{0}”", visibleText(token.bytes))).join(" + ");
  switch (rule) {
    case "token":
      if (beginning <= 1) {
        return t("“{0}” is one token; every spelling in smaller pieces counts too.", text);
      }
      return beginning === 2
        ? t(
            "“{0}” is one token; the longer token that begins with it counts too, and so does every spelling in smaller pieces.",
            text,
          )
        : t(
            "“{0}” is one token; the {1} longer ones that begin with it count too, and so does every spelling in smaller pieces.",
            text,
            formatCount(beginning - 1),
          );
    case "part":
      return beginning === 1
        ? t(
            "“{0}” is only the beginning of one token, the most probable {1}: all of them counted together.",
            text,
            spelled,
          )
        : t(
            "“{0}” is only the beginning of {1} tokens, the most probable {2}: all of them counted together.",
            text,
            formatCount(beginning),
            spelled,
          );
    case "several":
      return spelling.length === 0
        ? t("“{0}” cannot be spelled with this model’s tokens.", text)
        : t(
            "“{0}” is more than one token: the most probable spelling is {1}, and the probabilities of its tokens were multiplied; other spellings were added.",
            text,
            spelled,
          );
  }
}

function Score({ rounds, count }: { rounds: readonly GuessRound[]; count: number }) {
  const score = scoreOf(rounds);
  const most = Math.max(1, ...rounds.flatMap(({ guess, text }) => [finite(guess?.bits), finite(text?.bits)]));
  return (
    <>
      <h2>
        {score.part > 0
          ? t("You {0} and {1} in part, the model {2}", score.whole, score.part, score.model)
          : t("You {0}, the model {1}", score.whole, score.model)}
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
          heads: [
            t("Token"),
            t("Your guess"),
            t("Bits of the guess"),
            t("Named"),
            t("Stands there"),
            t("Bits"),
            t("Rank"),
            t("Favourite"),
            t("Bits of the favourite"),
            t("Favourite was right"),
          ],
          spare: ["Named", "Rank", "Bits of the favourite", "Favourite was right"],
          rows: () => scoreRows(rounds, (bits) => formatFixed(bits, 3)),
          exact: () => scoreRows(rounds, (bits) => bits.toFixed(3)),
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
              <span class="gb-dim">{favouriteHit ? t("model right") : t("model wrong")}</span>
            </li>
          ))}
        </ol>
      </Figure>
    </>
  );
}

function scoreRows(rounds: readonly GuessRound[], write: (bits: number) => string): string[][] {
  return rounds.map(({ index, guess, text, favourite, hit, favouriteHit }) => [
    String(index + 1),
    guess?.text ?? "",
    guess ? write(guess.bits) : "",
    hit ? HIT_WORDS[hit] : "",
    text ? nameOf(text) : "",
    text ? write(text.bits) : "",
    text ? String(text.rank) : "",
    nameOf(favourite),
    write(favourite.bits),
    text ? (favouriteHit ? t("yes") : t("no")) : "",
  ]);
}

const WHO = { you: t("you"), text: t("text") } as const;

function Bits({ who, bits, most }: { who: keyof typeof WHO; bits: number | undefined; most: number }) {
  return (
    <span class={`guess-bits guess-bits-${who}`}>
      <span class="gb-dim">{WHO[who]}</span>
      <Track share={finite(bits) / most} />
      <span class="gb-dim">{bits === undefined ? t("no guess") : bitsWords(bits)}</span>
    </span>
  );
}

function finite(bits: number | undefined): number {
  return bits !== undefined && Number.isFinite(bits) ? bits : 0;
}
