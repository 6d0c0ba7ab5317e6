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
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
import { Button, Dropdown, Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import type { ExhibitProps } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "toy-game" }>;

const SEED = 1;
/** Numbers of games at which the players are measured. */
const CHECKPOINTS = [10, 20, 50, 100, 200, 500, 1000, 2000, 4000];

type Opponent = "copy" | "search" | "alone";
const OPPONENTS: { value: Opponent; label: string }[] = [
  { value: "copy", label: "the copy" },
  { value: "search", label: "the copy that looks ahead" },
  { value: "alone", label: "the one that played alone" },
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
  const [score, setScore] = useState({ won: 0, lost: 0 });

  useEffect(() => {
    if (!last) return;
    onInstrument({
      text: JSON.stringify([rules, skill]),
      readings: {
        games,
        depth,
        copy: last.copyRate,
        search: searchRate,
        alone: last.aloneRate,
        skill,
        won: score.won,
        ...(bold && { bold: bold.byTeachers }),
      },
      setting: `${plural(games, "game")}, ${plural(stones, "stone")}, at most ${most}`,
      guesses: {},
    });
  }, [last, searchRate, depth, score]);

  if (!last || !search) return null;
  const share = (rate: number) => formatReading(rate, "probability");
  const players: Record<Opponent, Player> = { copy: last.copy, search, alone: last.alone };
  return (
    <>
      <div class="lesson-sliders">
        <Slider
          label="Stones"
          min={8}
          max={40}
          step={1}
          value={stones}
          valueText={String(stones)}
          onInput={setStones}
        />
        <Slider
          label="A move takes at most"
          min={2}
          max={5}
          step={1}
          value={most}
          valueText={String(most)}
          onInput={setMost}
        />
        <Slider
          label="Teachers know the right move"
          min={0}
          max={1}
          step={0.05}
          value={skill}
          valueText={share(skill)}
          onInput={setSkill}
        />
        <Slider
          label="Games to learn from"
          min={0}
          max={CHECKPOINTS.length - 1}
          step={1}
          value={reached}
          valueText={formatCount(games)}
          onInput={setReached}
        />
        <Slider
          label="Looks ahead"
          min={0}
          max={16}
          step={1}
          value={depth}
          valueText={plural(depth, "move")}
          onInput={setDepth}
        />
      </div>
      {!covered && (
        <>
          <Figure
            caption={`Against the teachers, the copy of ${plural(games, "game")} of theirs wins ${share(last.copyRate)}, the same copy looking ${plural(depth, "move")} ahead ${share(searchRate)}, the one that played ${plural(games, "game")} alone ${share(last.aloneRate)}. ${boldLine(bold)}`}
            table={{
              columns: ["Stones left", "Wins", "Teachers", "Played alone"],
              rows: () =>
                Array.from({ length: stones }, (_, at) => stones - at).map((left) => [
                  String(left),
                  String(winningMove(left, rules) ?? "none"),
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
                  label: "copies the teachers",
                  share: last.copyRate,
                  value: share(last.copyRate),
                },
                {
                  key: "search",
                  label: "copies and looks ahead",
                  share: searchRate,
                  value: share(searchRate),
                },
                {
                  key: "alone",
                  label: "played alone",
                  share: last.aloneRate,
                  value: share(last.aloneRate),
                  strong: true,
                },
              ]}
            />
            {learned.length > 1 && (
              <Curve
                xs={learned.map(({ count }) => count)}
                lines={[
                  {
                    label: "copies the teachers: games won against them",
                    ys: learned.map((at) => at.copyRate),
                  },
                  { label: "played alone", ys: learned.map((at) => at.aloneRate) },
                ]}
                logX
                xLabel="games"
                writeX={formatCount}
                writeY={share}
              />
            )}
          </Figure>
          <Board key={`${stones} ${most}`} rules={rules} players={players} score={score} onScore={setScore} />
        </>
      )}
    </>
  );
}

function boldLine(bold: { left: number; taken: number; byTeachers: number } | undefined): string {
  if (!bold) return "It has no winning move that the teachers would not make themselves.";
  const { left, taken, byTeachers } = bold;
  const how =
    byTeachers === 0
      ? "which no teacher ever does"
      : `which a teacher does in ${formatReading(byTeachers, "probability")} of games`;
  return `With ${left} stones left it takes ${taken}, ${how}, and from there it wins by force.`;
}

/** A game of the reader's own against one of the players, who begins every other one. */
function Board(props: {
  rules: Rules;
  players: Record<Opponent, Player>;
  score: { won: number; lost: number };
  onScore(score: { won: number; lost: number }): void;
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
    setMoves([...said, `${name} takes ${taken}${rest === 0 ? " and wins" : ""}`]);
    if (rest === 0) onScore({ ...score, lost: score.lost + 1 });
  };
  const take = (taken: number) => {
    const rest = left - taken;
    const said = [...moves, `you take ${taken}${rest === 0 ? " and win" : ""}`];
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
    <section class="lesson-stage" aria-label="Play">
      <h3>Play it yourself</h3>
      <div class="gb-row">
        <Dropdown
          label="Against"
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
        {left > 0 ? `${plural(left, "stone")} left; whoever takes the last one wins.` : "The game is over."}{" "}
        <span class="gb-dim">{moves.slice(-2).join(", ")}</span>
      </p>
      <div class="gb-row">
        {left > 0 ? (
          <>
            {Array.from({ length: Math.min(rules.most, left) }, (_, at) => (
              <Button key={at} onClick={() => take(at + 1)}>
                Take {at + 1}
              </Button>
            ))}
            {left === rules.stones && <Button onClick={() => reply(left, [])}>Let it begin</Button>}
          </>
        ) : (
          <Button onClick={() => begin(opponent)}>Another game</Button>
        )}
        <span class="gb-dim">
          Won against the one that played alone: {score.won}. Lost in all: {score.lost}.
        </span>
      </div>
    </section>
  );
}
