/** The exhibit of links: where to read on, by topic, those first that share rare words with the text. */

import { useEffect, useState } from "preact/hooks";
import { rankPassages } from "../../../src/core/lessons/ranking.js";
import { toWireError, type WireError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig, TopicLink } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { ErrorNote } from "../../ui/notes.js";
import { LinkButton } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import "./field.css";
import { formatFixed } from "../../../src/shared/formatCount.js";

type Config = Extract<ExhibitConfig, { type: "links" }>;

const MOST_SHOWN = 4;

export function LinksExhibit({ config, text, host, covered, onInstrument }: ExhibitProps<Config>) {
  const [error, setError] = useState<WireError>();
  const links = config.topics.flatMap((topic) =>
    topic.links.map((link) => ({ ...link, topic: topic.title })),
  );
  const ranked = rankPassages(
    text,
    links.map(({ id, title, about, topic }) => ({ id, text: `${topic}. ${title}. ${about}` })),
  ).filter(({ score }) => score > 0);
  const linkOf = (id: string) => links.find((link) => link.id === id);

  useEffect(() => {
    onInstrument({
      text,
      readings: {
        found: ranked.length,
        ...Object.fromEntries(ranked.map(({ passage }, at) => [`rank-${passage.id}`, at + 1])),
      },
      setting: text,
      guesses: {},
    });
  }, [text]);

  const open = ({ target }: TopicLink) => {
    if (target.kind !== "web") return;
    setError(undefined);
    host.call("openLink", { url: target.url }).catch((thrown: unknown) => setError(toWireError(thrown)));
  };
  const best = ranked[0];
  return (
    <>
      {!covered && (
        <Figure
          caption={
            best
              ? nearest(linkOf(best.passage.id)?.title ?? "", best.words, ranked.length, links.length)
              : t("None of the {0} links shares a word with the text: ask in other words.", links.length)
          }
          table={{
            columns: [t("Link"), t("Words in common"), t("Score")],
            rows: () =>
              ranked.map(({ passage, words, score }) => [
                linkOf(passage.id)?.title ?? "",
                words.map(({ word }) => word).join(", "),
                formatFixed(score, 2),
              ]),
          }}
        >
          <Bars
            bars={ranked.slice(0, MOST_SHOWN).map(({ passage, score }, at) => ({
              key: passage.id,
              label: linkOf(passage.id)?.title ?? "",
              share: score / (best?.score ?? 1),
              value: formatFixed(score, 2),
              strong: at === 0,
            }))}
          />
        </Figure>
      )}
      {error && <ErrorNote error={error} />}
      {config.topics.map((topic) => (
        <section key={topic.title} class="lesson-topic">
          <h3>{topic.title}</h3>
          <ul>
            {topic.links.map((link) => (
              <li key={link.id}>
                <LinkButton onClick={() => open(link)}>{link.title}</LinkButton>{" "}
                <span class="gb-dim">
                  {link.about} ({siteOf(link)})
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function nearest(title: string, words: readonly { word: string }[], found: number, links: number): string {
  const shared = words.map(({ word }) => t("“{0}”", word)).join(", ");
  return found === 1
    ? t(
        "Nearest to your words is “{0}”, for {1}; 1 link of {2} share a word with them.",
        title,
        shared,
        links,
      )
    : t(
        "Nearest to your words is “{0}”, for {1}; {3} links of {2} share a word with them.",
        title,
        shared,
        links,
        found,
      );
}

/** Where a link leads, for who looks before clicking. */
function siteOf({ target }: TopicLink): string {
  return target.kind === "web" ? new URL(target.url).host : "";
}
