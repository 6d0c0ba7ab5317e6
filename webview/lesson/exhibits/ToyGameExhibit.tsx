/** The exhibit of imitation and search: players of one small game that learn from teachers, by looking ahead, or alone. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import {
  bestByValue,
  boldestMove,
  imitator,
  type Player,
  playItself,
  type Rules,
  recordGames,
  searcher,
  teacher,
  teacherMoves,
  winningMove,
  winRate,
} from "../../../src/core/lessons/stones.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { Button, Dropdown, Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import { joinSentences } from "./joinSentences.js";
import type { ExhibitProps } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "toy-game" }>;

const SEED = 1;
/** Numbers of games at which the players are measured. */
const CHECKPOINTS = [10, 20, 50, 100, 200, 500, 1000, 2000, 4000];

interface Score {
  won: number;
  lost: number;
}

type Opponent = "copy" | "search" | "alone";
const OPPONENTS: { value: Opponent; label: string }[] = [
  { value: "copy", label: t("the copy") },
  { value: "search", label: t("the copy that looks ahead") },
  { value: "alone", label: t("the one that played alone") },
];

export function ToyGameExhibit(props: ExhibitProps<Config>) {
  const { config, covered, onInstrument } = props;
  const [stones, setStones] = useState(config.stones);
  const [most, setMost] = useState(config.most);
  const [skill, setSkill] = useState(config.skill);
  const [reached, setReached] = useState(CHECKPOINTS.length - 1);
  const [depth, setDepth] = useState(config.depth);
  const games = CHECKPOINTS[reached] ?? 0;
  const rules = useMemo((): Rules => ({ stones, most }), [stones, most]);

  const learned = useMemo(() => {
    const masters = teacher(rules, skill);
    return CHECKPOINTS.slice(0, reached + 1).map((count) => {
      const copy = imitator(rules, recordGames(rules, skill, count, SEED));
      const values = playItself(rules, count, SEED);
      const alone = bestByValue(rules, values);
      const rate = (player: Player) => winRate(player, masters, rules, SEED);
      return { count, copy, alone, values, copyRate: rate(copy), aloneRate: rate(alone) };
    });
  }, [rules, skill, reached]);
  const last = learned.at(-1);
  const search = useMemo(() => last && searcher(rules, last.copy, depth), [rules, last, depth]);
  const searchRate = useMemo(
    () => (search ? winRate(search, teacher(rules, skill), rules, SEED) : 0),
    [search, rules, skill],
  );
  const bold = useMemo(() => last && boldestMove(rules, skill, last.values), [last, rules, skill]);
  // Who beats a player that has learned little has not beaten the one that has learned more.
  const match = JSON.stringify([rules, skill, games]);
  const [scores, setScores] = useState<Record<string, Score>>({});
  const score = scores[match] ?? { won: 0, lost: 0 };

  useEffect(() => {
    if (!last) return;
    onInstrument({
      text: JSON.stringify([rules, skill]),
      readings: {
        games,
        stones,
        depth,
        copy: last.copyRate,
        search: searchRate,
        alone: last.aloneRate,
        skill,
        won: score.won,
        ...(bold && { bold: bold.byTeachers }),
      },
      setting: t("{0}, {1}, at most {2}", countedGames(games), countedStones(stones), most),
      guesses: {},
    });
  }, [last, searchRate, depth, score.won, match]);

  if (!last || !search) return null;
  const share = (rate: number) => formatReading(rate, "probability");
  const players: Record<Opponent, Player> = { copy: last.copy, search, alone: last.alone };
  return (
    <>
      <div class="lesson-sliders">
        <Slider
          label={t("Stones")}
          min={8}
          max={40}
          step={1}
          value={stones}
          valueText={String(stones)}
          onInput={setStones}
        />
        <Slider
          label={t("A move takes at most")}
          min={2}
          max={5}
          step={1}
          value={most}
          valueText={String(most)}
          onInput={setMost}
        />
        <Slider
          label={t("Teachers know the right move")}
          min={0}
          max={1}
          step={0.05}
          value={skill}
          valueText={share(skill)}
          onInput={setSkill}
        />
        <Slider
          label={t("Games to learn from")}
          min={0}
          max={CHECKPOINTS.length - 1}
          step={1}
          value={reached}
          valueText={formatCount(games)}
          onInput={setReached}
        />
        <Slider
          label={t("Looks ahead")}
          min={0}
          max={16}
          step={1}
          value={depth}
          valueText={countedMoves(depth)}
          onInput={setDepth}
        />
      </div>
      {!covered && (
        <>
          <Figure
            caption={joinSentences(
              t(
                "Against the teachers, the copy of {0} of theirs wins {1}, the same copy looking {2} ahead {3}, the one that played {0} alone {4}.",
                countedGames(games),
                formatProbability(last.copyRate),
                countedMoves(depth),
                formatProbability(searchRate),
                formatProbability(last.aloneRate),
              ),
              boldLine(bold),
            )}
            table={{
              columns: [t("Stones left"), t("Wins"), t("Teachers"), t("Played alone")],
              rows: () =>
                Array.from({ length: stones }, (_, at) => stones - at).map((left) => [
                  String(left),
                  String(winningMove(left, rules) ?? t("none")),
                  teacherMoves(left, rules, skill)
                    .map((move, at) => (move > 0 ? `${at + 1}: ${share(move)}` : ""))
                    .filter((move) => move !== "")
                    .join(", "),
                  String(last.alone(left, () => 0)),
                ]),
            }}
          >
            <Bars
              bars={[
                {
                  key: "copy",
                  label: t("copies the teachers"),
                  share: last.copyRate,
                  value: formatProbability(last.copyRate),
                },
                {
                  key: "search",
                  label: t("copies and looks ahead"),
                  share: searchRate,
                  value: formatProbability(searchRate),
                },
                {
                  key: "alone",
                  label: t("played alone"),
                  share: last.aloneRate,
                  value: formatProbability(last.aloneRate),
                  strong: true,
                },
              ]}
            />
            {learned.length > 1 && (
              <Curve
                xs={learned.map(({ count }) => count)}
                lines={[
                  {
                    label: t("copies the teachers: games won against them"),
                    ys: learned.map((at) => at.copyRate),
                  },
                  { label: t("played alone"), ys: learned.map((at) => at.aloneRate) },
                ]}
                logX
                xLabel={t("games")}
                writeX={formatCount}
                writeY={formatProbability}
              />
            )}
          </Figure>
          <Board
            key={match}
            rules={rules}
            players={players}
            score={score}
            onScore={(now) => setScores({ ...scores, [match]: now })}
          />
        </>
      )}
    </>
  );
}

function boldLine(bold: { left: number; taken: number; byTeachers: number } | undefined): string {
  if (!bold) return t("It has no winning move that the teachers would not make themselves.");
  const { left, taken, byTeachers } = bold;
  return byTeachers === 0
    ? t(
        "With {0} stones left it takes {1}, which no teacher ever does, and from there it wins by force.",
        left,
        taken,
      )
    : t(
        "With {0} stones left it takes {1}, which a teacher does in {2} of games, and from there it wins by force.",
        left,
        taken,
        formatReading(byTeachers, "probability"),
      );
}

function countedGames(count: number): string {
  return count === 1 ? t("1 game") : t("{0} games", formatCount(count));
}

function countedStones(count: number): string {
  return count === 1 ? t("1 stone") : t("{0} stones", formatCount(count));
}

function countedMoves(count: number): string {
  return count === 1 ? t("1 move") : t("{0} moves", formatCount(count));
}

/** A game of the reader's own against one of the players, who begins every other one. */
function Board(props: {
  rules: Rules;
  players: Record<Opponent, Player>;
  score: Score;
  onScore(score: Score): void;
}) {
  const { rules, players, score, onScore } = props;
  const [opponent, setOpponent] = useState<Opponent>("alone");
  const [left, setLeft] = useState(rules.stones);
  const [moves, setMoves] = useState<string[]>([]);
  const [number, setNumber] = useState(0);
  const coin = useMemo(() => seededCoin(SEED + number), [number]);
  const name = OPPONENTS.find(({ value }) => value === opponent)?.label ?? "";

  const reply = (after: number, said: string[]) => {
    const taken = players[opponent](after, coin);
    const rest = after - taken;
    setLeft(rest);
    setMoves([
      ...said,
      rest === 0 ? t("{0} takes {1} and wins", name, taken) : t("{0} takes {1}", name, taken),
    ]);
    if (rest === 0) onScore({ ...score, lost: score.lost + 1 });
  };
  const take = (taken: number) => {
    const rest = left - taken;
    const said = [...moves, rest === 0 ? t("you take {0} and win", taken) : t("you take {0}", taken)];
    if (rest > 0) return reply(rest, said);
    setLeft(0);
    setMoves(said);
    // The copies are easy: only the one that nobody taught counts.
    if (opponent === "alone") onScore({ ...score, won: score.won + 1 });
  };
  const begin = (who: Opponent) => {
    setOpponent(who);
    setNumber(number + 1);
    setLeft(rules.stones);
    setMoves([]);
  };
  return (
    <section class="lesson-stage" aria-label={t({ message: "Play", comment: "a game" })}>
      <h3>{t("Play it yourself")}</h3>
      <div class="gb-row">
        <Dropdown
          label={t("Against")}
          value={opponent}
          options={OPPONENTS}
          onChange={(value) => begin(OPPONENTS.find((other) => other.value === value)?.value ?? opponent)}
        />
      </div>
      <p class="lesson-stones" aria-hidden="true">
        {Array.from({ length: rules.stones }, (_, at) => (
          <span key={at} data-taken={at >= left} />
        ))}
      </p>
      <p role="status">
        {left > 0
          ? t("{0} left; whoever takes the last one wins.", countedStones(left))
          : t("The game is over.")}{" "}
        <span class="gb-dim">{moves.slice(-2).join(", ")}</span>
      </p>
      <div class="gb-row">
        {left > 0 ? (
          <>
            {Array.from({ length: Math.min(rules.most, left) }, (_, at) => (
              <Button key={at} onClick={() => take(at + 1)}>
                {t("Take {0}", at + 1)}
              </Button>
            ))}
            {left === rules.stones && <Button onClick={() => reply(left, [])}>{t("Let it begin")}</Button>}
          </>
        ) : (
          <Button onClick={() => begin(opponent)}>{t("Another game")}</Button>
        )}
        <span class="gb-dim">
          {t("Won against the one that played alone: {0}. Lost in all: {1}.", score.won, score.lost)}
        </span>
      </div>
    </section>
  );
}
