/**
 * Hostile programs in the real sandbox: each ends within its limit with a message, none touches a file, a variable
 * of the environment or a port that it should not, and the run after it works.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { FunctionRun, SandboxProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { useTemporaryFolder } from "../temporaryFolder.js";
import { HOSTILE_JAVASCRIPT, type Hostile } from "./hostileJavaScript.js";
import { HOSTILE_PYTHON } from "./hostilePython.js";

const MEMORY_BYTES = 24 * 2 ** 20;
/** For what would never end, and for what ends by itself in the time that the machine takes for it. */
const TIME_MS = { endless: 200, ending: 15_000 };
/** The sandbox's own grace for what never looks at the clock, and what a busy machine may add. */
const GRACE_MS = 1000 + 1500;
const SECRET = "canary-4711";

describe("hostile programs", function () {
  this.timeout(30_000);
  const folder = useTemporaryFolder();
  let canary: string;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  let connections = 0;
  let port = 0;
  let client: WorkerClient<SandboxProtocol>;

  before(async () => {
    canary = join(folder(), "canary.txt");
    writeFileSync(canary, SECRET);
    process.env.GLASSBOX_CANARY = SECRET;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
    client = builtWorkers.sandbox({ log: (line) => console.log(line) });
    await client.call("start", { languageId: "python" });
  });

  after(() => {
    delete process.env.GLASSBOX_CANARY;
    client.dispose();
    server.close();
  });

  async function run(
    { source, languageId = "javascript" }: Pick<Hostile, "source" | "languageId">,
    timeMs: number,
  ) {
    const [only] = await client.call("runFunction", {
      source: source.replaceAll("CANARY", canary).replaceAll("PORT", String(port)),
      languageId,
      functionName: "f",
      inputs: [""],
      limits: { timeMs, memoryBytes: MEMORY_BYTES },
    });
    assert.ok(only);
    return only;
  }

  function checkUntouched(run: FunctionRun): void {
    assert.ok(!JSON.stringify(run).includes(SECRET), "a secret was read");
    assert.equal(readFileSync(canary, "utf8"), SECRET, "a file was written");
    assert.deepEqual(readdirSync(folder()), ["canary.txt"]);
    assert.equal(connections, 0, "a connection was made");
  }

  const WELL: Record<string, Pick<Hostile, "source" | "languageId">> = {
    javascript: { source: "const f = () => [41].map((y) => y + 1);" },
    typescript: {
      source: "const f = (): number[] => [41].map((y: number) => y + 1);",
      languageId: "typescript",
    },
    python: { source: "def f():\n    return [y + 1 for y in [41]]", languageId: "python" },
  };

  for (const [language, programs] of [
    ["javascript", HOSTILE_JAVASCRIPT],
    // The same on their way through the compiler.
    ["typescript", HOSTILE_JAVASCRIPT.map((each) => ({ languageId: "typescript", ...each }))],
    ["python", HOSTILE_PYTHON],
  ] as const) {
    describe(`in ${language}`, () => {
      it("are at least 60", () => assert.ok(programs.length >= 60, `${programs.length}`));

      for (const program of programs) {
        it(`ends ${program.what}, and the next run works`, async () => {
          const timeMs = program.outcomes.includes("timed-out") ? TIME_MS.endless : TIME_MS.ending;
          const startedAt = Date.now();
          const result = await run(program, timeMs);
          const ms = Date.now() - startedAt;
          assert.ok(program.outcomes.includes(result.outcome), `${result.outcome}: ${result.value}`);
          assert.match(result.value, program.value ?? /./s);
          assert.ok(ms < timeMs + GRACE_MS, `it took ${ms} ms`);
          assert.ok(result.value.length < 2300 && result.printed.length <= 2001);
          checkUntouched(result);
          const next = await run(WELL[language]!, TIME_MS.ending);
          assert.deepEqual([next.outcome, next.value], ["returned", "[42]"]);
        });
      }
    });
  }
});
