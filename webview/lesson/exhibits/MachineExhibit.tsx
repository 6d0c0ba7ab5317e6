/** The exhibit of the session as a machine: the window as memory, the file as disk, processes and tools as devices. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { type Machine, machineOf, usesOf } from "../../../src/core/lessons/machine.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import type { ExperimentHost, SessionUse } from "../../../src/shared/panels/experiments.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { formatDuration, formatProbability, plural } from "../../ui/format.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button } from "../../ui/toolkit.js";
import "./experiments.css";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "machine" }>;

/** What each device of the session is to the machine. */
const DEVICES: Record<string, string> = {
  model: "Processor: the model’s process",
  lens: "Second reader: the lens’s process",
  sandbox: "Workbench: the sandbox",
  tools: "Tools that a model has called",
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
        ? `${formatCount(value.machine.fill)} of ${formatCount(value.machine.window)} tokens`
        : "",
      guesses: {},
    });
  }, [text, value, current]);

  if (error || !value) {
    return (
      <ModelNote model={model} busy="Counting what there is …" error={error} retry={again} host={host} />
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
      show(
        `The ${what === "model" ? "model" : "lens"} read ${plural(tokens.length, "token")} in ${formatDuration(performance.now() - began)}.`,
      );
      setLooks((before) => before + 1);
    });
  const bytes = (count: number) => formatReading(count, "bytes");
  return (
    <>
      <div class="gb-row">
        <Button onClick={() => work("model")} disabled={used.running}>
          Let the model read it
        </Button>
        <Button onClick={() => work("lens")} disabled={used.running}>
          Let the lens read it
        </Button>
        <Button onClick={() => setLooks(looks + 1)}>Count again</Button>
        <span class="gb-dim" role="status">
          {used.value}
        </span>
      </div>
      {used.error && <ErrorNote error={used.error} />}
      <Figure
        caption={captionOf(machine, use)}
        table={{
          columns: ["Part", "In this session", "How much"],
          rows: () => [
            ["memory", "your text in the context window", `${machine.fill} of ${machine.window} tokens`],
            ["memory", "keys and values of a token", bytes(machine.tokenBytes)],
            ["memory", "keys and values of a full window", bytes(machine.windowBytes)],
            ["memory", "tokens of the last request", String(use.inMemory)],
            ["disk", facts.name, bytes(machine.diskBytes)],
            ...use.devices.flatMap(({ device, requests }) =>
              requests.map(({ name, count }) => [device, name, `${count} times`]),
            ),
          ],
        }}
      >
        <div class="lesson-machine">
          <Part title="Memory: the context window" wide>
            <Fill share={machine.share} />
            <p>
              Your text: {formatCount(machine.fill)} of {formatCount(machine.window)} tokens,{" "}
              {formatProbability(machine.share)}
              {machine.share > 1 ? ". It does not fit" : ""}.
            </p>
            <p class="gb-dim">
              {bytes(machine.tokenBytes)} of keys and values for a token: {bytes(machine.fillBytes)} for the
              text, {bytes(machine.windowBytes)} for a full window. The last request left{" "}
              {plural(use.inMemory, "token")} here.
            </p>
          </Part>
          <Part title="Disk: the weights">
            <p>
              {facts.name}: {bytes(machine.diskBytes)}, read only
            </p>
            <p class="gb-dim">Nothing that you write changes them.</p>
          </Part>
          {["model", "lens", "sandbox", "tools"].map((device) => (
            <Part key={device} title={DEVICES[device] ?? device}>
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

function Fill({ share }: { share: number }) {
  return (
    <span class="lesson-bar-track lesson-fill" aria-hidden="true">
      <span style={{ width: `${Math.min(1, share) * 100}%` }} />
    </span>
  );
}

function Requests({ use, device }: { use: SessionUse; device: string }) {
  const requests = use.devices.find((each) => each.device === device)?.requests ?? [];
  if (requests.length === 0) return <p class="gb-dim">Not used yet.</p>;
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
      {device === "model" && <p class="gb-dim">{plural(use.written, "token")} written so far.</p>}
    </>
  );
}

function captionOf(machine: Machine, use: SessionUse): string {
  return (
    `Your text fills ${formatProbability(machine.share)} of a memory of ${plural(machine.window, "token")}, ` +
    `beside ${formatReading(machine.diskBytes, "bytes")} on disk; ${plural(use.devices.length, "device")} ` +
    `answered ${plural(machine.requests, "request")} in this session.`
  );
}
