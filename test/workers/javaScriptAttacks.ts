/** What JavaScript that got out of Python might try in its process. Each gives what it got, or throws. */

export interface Attack {
  name: string;
  /** The body of an async function; `TARGET` holds the addresses of what must not be reached. */
  body: string;
}

export const ATTACKS: readonly Attack[] = [
  { name: "code from text: Function", body: 'return (() => {}).constructor("return 1")();' },
  { name: "code from text: async function", body: 'return (async () => {}).constructor("return 1")();' },
  { name: "code from text: generator", body: 'return (function* () {}).constructor("yield 1")().next();' },
  { name: "code from text: eval", body: 'return globalThis.eval("1 + 1");' },
  { name: "the process by its name", body: "return globalThis.process.pid;" },
  { name: "the process through require", body: 'return globalThis.require("node:process").pid;' },
  { name: "a request", body: "return (await globalThis.fetch(TARGET.address)).status;" },
  { name: "a web socket", body: "return new globalThis.WebSocket(TARGET.address).url;" },
  { name: "a timer", body: "return globalThis.setTimeout(() => {}, 1);" },
  { name: "a message to others", body: 'return new globalThis.BroadcastChannel("x").name;' },
  { name: "reading a file", body: 'return (await import("node:fs")).readFileSync(TARGET.secret, "utf8");' },
  {
    name: "reading a file by promise",
    body: 'return await (await import("node:fs/promises")).readFile(TARGET.secret, "utf8");',
  },
  { name: "listing a folder", body: 'return (await import("node:fs")).readdirSync(TARGET.folder);' },
  {
    name: "writing a file",
    body: 'const fs = await import("node:fs"); fs.writeFileSync(TARGET.folder + "/out.txt", "x"); return "written";',
  },
  {
    name: "deleting a file",
    body: 'const fs = await import("node:fs"); fs.rmSync(TARGET.secret); return "deleted";',
  },
  {
    name: "a link to a file",
    body: 'const fs = await import("node:fs"); fs.symlinkSync(TARGET.secret, TARGET.folder + "/l"); return 1;',
  },
  { name: "importing a file", body: "return await import(TARGET.secret);" },
  {
    name: "a program",
    body: 'return (await import("node:child_process")).execFileSync("/bin/cat", [TARGET.secret], { encoding: "utf8" });',
  },
  {
    name: "a program by the class",
    body: 'const { ChildProcess } = await import("node:child_process"); return new ChildProcess().spawn({ file: "/bin/cat", args: ["cat"], stdio: "ignore" }) || "spawned";',
  },
  {
    name: "a cluster",
    body: 'const { default: cluster } = await import("node:cluster"); return cluster.fork().id;',
  },
  {
    name: "a thread",
    body: 'const { Worker } = await import("node:worker_threads"); return new Worker("1", { eval: true }).threadId;',
  },
  {
    name: "a connection",
    body: 'const net = await import("node:net"); return net.connect(TARGET.port, "127.0.0.1").connecting;',
  },
  {
    name: "a connection by the class",
    body: 'const net = await import("node:net"); return new net.Socket().connect(TARGET.port, "127.0.0.1").connecting;',
  },
  {
    name: "a server",
    body: 'const net = await import("node:net"); return new net.Server().listen(0).listening;',
  },
  {
    name: "TLS",
    body: 'const tls = await import("node:tls"); return tls.connect(TARGET.port, "127.0.0.1").connecting;',
  },
  {
    name: "HTTP",
    body: 'const http = await import("node:http"); return new http.ClientRequest(TARGET.address).path;',
  },
  {
    name: "HTTP/2",
    body: 'const http2 = await import("node:http2"); return http2.connect(TARGET.address).connecting;',
  },
  {
    name: "a datagram",
    body: 'const dgram = await import("node:dgram"); dgram.createSocket("udp4").send("x", TARGET.port, "127.0.0.1"); return "sent";',
  },
  {
    name: "a name from the network",
    body: 'const dns = await import("node:dns"); return new dns.Resolver().resolve4("a.example", () => {});',
  },
  {
    name: "a name from the network by promise",
    body: 'const dns = await import("node:dns/promises"); new dns.Resolver().resolve4("a.example").catch(() => {}); return "asked";',
  },
  {
    name: "a name by the system",
    body: 'const dns = await import("node:dns/promises"); dns.lookup("a.example").catch(() => {}); return "asked";',
  },
  {
    name: "a signal to another process",
    body: 'const { default: process } = await import("node:process"); return process.kill(TARGET.pid, 0);',
  },
  {
    name: "the environment",
    body: 'const { default: process } = await import("node:process"); return process.env.GLASSBOX_CANARY ?? (() => { throw new Error("none"); })();',
  },
  {
    name: "internal bindings",
    body: 'const { default: process } = await import("node:process"); return process.binding("fs");',
  },
  {
    name: "a native library",
    body: 'const { default: process } = await import("node:process"); return process.dlopen({}, TARGET.secret);',
  },
  {
    name: "a report into a file",
    body: 'const { default: process } = await import("node:process"); return process.report.writeReport(TARGET.folder + "/r.json");',
  },
  {
    name: "the debugger",
    body: 'const inspector = await import("node:inspector"); inspector.open(0); return inspector.url();',
  },
  {
    name: "the engine's flags",
    body: 'const v8 = await import("node:v8"); v8.setFlagsFromString("--allow-natives-syntax"); return "set";',
  },
  {
    name: "a picture of the memory in a file",
    body: 'const v8 = await import("node:v8"); return v8.writeHeapSnapshot(TARGET.folder + "/h.heapsnapshot");',
  },
  {
    name: "a script in a new context",
    body: 'const vm = await import("node:vm"); return vm.runInNewContext("1 + 1");',
  },
  {
    name: "a script in this context",
    body: 'const vm = await import("node:vm"); return vm.runInThisContext("1 + 1");',
  },
  {
    name: "a module loader",
    body: 'const module = await import("node:module"); return module.createRequire(TARGET.secret)("node:fs").readFileSync(TARGET.secret, "utf8");',
  },
  {
    name: "WASI",
    body: 'const { WASI } = await import("node:wasi"); return new WASI({ version: "preview1", preopens: { "/": TARGET.folder } }).getImportObject ? "made" : 0;',
  },
];

export interface AttackTarget {
  secret: string;
  folder: string;
  port: number;
  pid: number;
}

/**
 * A module that waits until the process has locked itself, tries everything, and sends `[name, outcome]` for each. It
 * keeps nothing from before but the means to report.
 */
export function attackModule(target: AttackTarget): string {
  const attacks = ATTACKS.map(({ name, body }) => `[${JSON.stringify(name)}, async () => { ${body} }]`);
  return `
const TARGET = ${JSON.stringify({ ...target, address: `http://127.0.0.1:${target.port}` })};
const send = process.send.bind(process);
const wait = setInterval(() => {
  if ("process" in globalThis && globalThis.process !== undefined) return;
  stop(wait);
  void attack();
}, 20);
const stop = clearInterval;
const attacks = [
${attacks.join(",\n")}
];
async function attack() {
  const outcomes = [];
  for (const [name, body] of attacks) {
    try {
      outcomes.push([name, "got " + String(await body())]);
    } catch (error) {
      outcomes.push([name, "refused: " + String(error?.message ?? error).split("\\n")[0]]);
    }
  }
  send(outcomes);
}
`;
}
