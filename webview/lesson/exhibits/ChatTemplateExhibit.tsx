/** The exhibit of a chat template: a message as the loaded model's template writes it, each token with whose it is. */

import { useEffect } from "preact/hooks";
import { t } from "../../../src/shared/l10n.js";
import type { DialogTurn, ExhibitConfig, TemplatedChat } from "../../../src/shared/panels/lesson.js";
import { tokenName } from "../../../src/shared/tokenName.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { TokenChip } from "../../ui/TokenChip.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "chat-template" }>;

/** Bands of the token chips: whose words they are. */
const BANDS = { system: 1, user: 0, assistant: 3 } as const;
const WHOSE = ["template", "system", "user", "assistant"] as const;
const NAMES = {
  system: t("the system prompt"),
  user: t("your message"),
  assistant: t("the answer"),
} as const;

export function ChatTemplateExhibit(props: ExhibitProps<Config>) {
  const { config, text, model, host, covered, onInstrument } = props;
  const turns: DialogTurn[] = [
    ...(config.system === "" ? [] : [{ role: "system" as const, text: config.system }]),
    { role: "user", text },
    ...(config.reply === "" ? [] : [{ role: "assistant" as const, text: config.reply }]),
  ];
  const key = `${modelFile(model)}\n${JSON.stringify(turns)}`;
  const { value, error, again } = useAnswer(text.trim() === "" ? undefined : key, async (signal) => ({
    text,
    chat: await host.call("renderChat", { turns }, { signal }),
  }));

  useEffect(() => {
    if (!value) return;
    const { tokens, roles } = value.chat;
    const count = (role: TemplatedChat["roles"][number]) => roles.filter((other) => other === role).length;
    onInstrument({
      text: value.text,
      readings: {
        tokens: tokens.length,
        "template-tokens": count("template"),
        "reply-tokens": count("assistant"),
        "template-share": count("template") / Math.max(1, tokens.length),
        "reply-share": count("assistant") / Math.max(1, tokens.length),
      },
      setting: value.text,
      guesses: {},
    });
  }, [value]);

  if (error || !value) {
    return (
      <ModelNote model={model} busy={t("Rendering the chat …")} error={error} retry={again} host={host} />
    );
  }
  if (covered) return null;
  const { tokens, roles } = value.chat;
  return (
    <Figure
      caption={captionOf(value.chat)}
      table={{
        columns: ["", t("Token"), t("Id"), t("Whose")],
        rows: () =>
          tokens.map((token, at) => [String(at + 1), tokenName(token), String(token.id), nameOf(roles[at])]),
      }}
    >
      <div class="gb-strip lesson-template">
        {tokens.map((token, at) => {
          const role = roles[at];
          return (
            <span key={`${at} ${token.id}`} data-role={role}>
              <TokenChip
                token={token}
                {...(role === undefined || role === "template" ? {} : { band: BANDS[role] })}
              />
            </span>
          );
        })}
      </div>
      <ul class="lesson-legend lesson-template">
        {WHOSE.filter((role) => roles.includes(role)).map((role) => (
          <li key={role} data-role={role}>
            <span
              class={role === "template" ? "gb-chip" : `gb-chip gb-band-${BANDS[role]}`}
              aria-hidden="true"
            >
              {"  "}
            </span>
            <span>{nameOf(role)}</span>
          </li>
        ))}
      </ul>
    </Figure>
  );
}

function nameOf(role: TemplatedChat["roles"][number] | undefined): string {
  return role === undefined || role === "template" ? t("the template") : NAMES[role];
}

function captionOf({ tokens, roles, model }: TemplatedChat): string {
  const own = roles.filter((role) => role === "template").length;
  const special = tokens.filter((token) => token.special).length;
  const [added, share] = [countedTokens(own), formatProbability(own / tokens.length)];
  return special === 1
    ? t(
        "The template of {0} adds {1} of its own ({2} of {3}, without colour here); {4} of these is a special token.",
        model,
        added,
        share,
        tokens.length,
        special,
      )
    : t(
        "The template of {0} adds {1} of its own ({2} of {3}, without colour here); {4} of these are special tokens.",
        model,
        added,
        share,
        tokens.length,
        special,
      );
}
