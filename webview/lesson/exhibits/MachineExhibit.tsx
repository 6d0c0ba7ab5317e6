/** The exhibit of the session as a machine: the window as memory, the file as disk, processes and tools as devices. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { type Machine, machineOf, usesOf } from "../../../src/core/lessons/machine.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExperimentHost, SessionUse } from "../../../src/shared/panels/experiments.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatDuration, formatProbability } from "../../ui/format.js";
import { ErrorNote } from "../../ui/notes.js";
import { withWholeNumbers } from "../../ui/sentence.js";
import { Track } from "../../ui/Track.js";
import { Button } from "../../ui/toolkit.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";
import { useTask } from "./useTask.js";
import "./experiments.css";

type Config = Extract<ExhibitConfig, { type: "machine" }>;

/** What each device of the session is to the machine. */
const DEVICES: Record<string, { name: string; title: string }> = {
  model: { name: t("model"), title: t("Processor: the model’s process") },
  lens: { name: t("lens"), title: t("Second reader: the lens’s process") },
  sandbox: { name: t("sandbox"), title: t("Workbench: the sandbox") },
  tools: { name: t("tools"), title: t("Tools that a model has called") },
};

export function MachineExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, covered, onInstrument } = props;
  const own = embeddedHost<ExperimentHost>(host, id, text);
  const [looks, setLooks] = useState(0);
  const { value, current, error, again } = useAnswer(
    `${modelFile(model)}\n${looks}\n${text}`,
    async (signal) => {
      const facts = await host.call("modelFacts", {}, { signal });
      const read = await own.call("read", { text }, { signal });
      const fill = read.model.chat
        ? (await host.call("renderChat", { turns: [{ role: "user", text }] }, { signal })).tokens.length
        : read.tokens.length;
      const use = await own.call("sessionUse", {}, { signal });
      return { facts, use, machine: machineOf(facts, use, fill, read.model.contextSize) };
    },
  );
  const used = useTask<string>("");

  useEffect(() => {
    const known = value && current;
    onInstrument({
      text,
      readings: known
        ? {
            window: value.machine.window,
            fill: value.machine.fill,
            "fill-share": value.machine.share,
            "cache-bytes": value.machine.fillBytes,
            "window-bytes": value.machine.windowBytes,
            "disk-bytes": value.machine.diskBytes,
            requests: value.machine.requests,
            lens: usesOf(value.use, "lens"),
            "in-memory": value.use.inMemory,
          }
        : {},
      setting: known
        ? t("{0} of {1} tokens", formatCount(value.machine.fill), formatCount(value.machine.window))
        : "",
      guesses: {},
    });
  }, [text, value, current]);

  if (error || !value) {
    return (
      <ModelNote model={model} busy={t("Counting what there is …")} error={error} retry={again} host={host} />
    );
  }
  if (covered) return null;
  const { facts, use, machine } = value;
  const work = (what: "model" | "lens") =>
    used.begin(async (signal, show) => {
      const { tokens } = await own.call("read", { text }, { signal });
      const tokenIds = tokens.map((token) => token.id);
      const began = performance.now();
      if (what === "model") await own.call("next", { tokenIds }, { signal });
      else await own.call("lookBack", { tokenIds, equalPositions: false }, { signal });
      const took = formatDuration(performance.now() - began);
      show(
        what === "model"
          ? t("The model read {0} in {1}.", countedTokens(tokens.length), took)
          : t("The lens read {0} in {1}.", countedTokens(tokens.length), took),
      );
      setLooks((before) => before + 1);
    });
  const bytes = (count: number) => formatReading(count, "bytes");
  return (
    <>
      <div class="gb-row">
        <Button onClick={() => work("model")} disabled={used.running}>
          {t("Let the model read it")}
        </Button>
        <Button onClick={() => work("lens")} disabled={used.running}>
          {t("Let the lens read it")}
        </Button>
        <Button onClick={() => setLooks(looks + 1)}>{t("Count again")}</Button>
        <span class="gb-dim" role="status">
          {used.value}
        </span>
      </div>
      {used.error && <ErrorNote error={used.error} />}
      <Figure
        caption={captionOf(machine, use)}
        table={{
          columns: [t("Part"), t("In this session"), t("How much")],
          rows: () => [
            [
              t("memory"),
              t("your text in the context window"),
              t("{0} of {1} tokens", machine.fill, machine.window),
            ],
            [t("memory"), t("keys and values of a token"), bytes(machine.tokenBytes)],
            [t("memory"), t("keys and values of a full window"), bytes(machine.windowBytes)],
            [t("memory"), t("tokens of the last request"), String(use.inMemory)],
            [t("disk"), facts.name, bytes(machine.diskBytes)],
            ...use.devices.flatMap(({ device, requests }) =>
              requests.map(({ name, count }) => [
                DEVICES[device]?.name ?? device,
                name,
                t("{0} times", count),
              ]),
            ),
          ],
        }}
      >
        <div class="lesson-machine">
          <Part title={t("Memory: the context window")} wide>
            <Track share={machine.share} looks="lesson-fill" />
            <p>
              {t(
                "Your text: {0} of {1} tokens, {2}.",
                formatCount(machine.fill),
                formatCount(machine.window),
                formatProbability(machine.share),
              )}
              {machine.share > 1 && <> {t("It does not fit.")}</>}
            </p>
            <p class="gb-dim">
              {withWholeNumbers(
                t(
                  "{0} of keys and values for a token: {1} for the text, {2} for a full window. The last request left {3} here.",
                  bytes(machine.tokenBytes),
                  bytes(machine.fillBytes),
                  bytes(machine.windowBytes),
                  countedTokens(use.inMemory),
                ),
              )}
            </p>
          </Part>
          <Part title={t("Disk: the weights")}>
            <p>{t("{0}: {1}, read only", facts.name, bytes(machine.diskBytes))}</p>
            <p class="gb-dim">{t("Nothing that you write changes them.")}</p>
          </Part>
          {["model", "lens", "sandbox", "tools"].map((device) => (
            <Part key={device} title={DEVICES[device]?.title ?? device}>
              <Requests use={use} device={device} />
            </Part>
          ))}
        </div>
      </Figure>
    </>
  );
}

function Part(props: { title: string; wide?: boolean; children: preact.ComponentChildren }) {
  return (
    <section class="lesson-part" data-wide={props.wide === true}>
      <h3>{props.title}</h3>
      {props.children}
    </section>
  );
}

function Requests({ use, device }: { use: SessionUse; device: string }) {
  const requests = use.devices.find((each) => each.device === device)?.requests ?? [];
  if (requests.length === 0) return <p class="gb-dim">{t("Not used yet.")}</p>;
  return (
    <>
      <p>
        {requests.map(({ name, count }, at) => (
          <span key={name}>
            {at > 0 && ", "}
            <code>{name}</code> {formatCount(count)}×
          </span>
        ))}
      </p>
      {device === "model" && <p class="gb-dim">{t("{0} written so far.", countedTokens(use.written))}</p>}
    </>
  );
}

function captionOf(machine: Machine, use: SessionUse): string {
  const { requests } = machine;
  const devices = use.devices.length;
  return t(
    "Your text fills {0} of a memory of {1}, beside {2} on disk; {3} answered {4} in this session.",
    formatProbability(machine.share),
    countedTokens(machine.window),
    formatReading(machine.diskBytes, "bytes"),
    devices === 1 ? t("1 device") : t("{0} devices", devices),
    requests === 1 ? t("1 request") : t("{0} requests", formatCount(requests)),
  );
}
