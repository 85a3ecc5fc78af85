// The real gallery: `ponka` on a free port, in a project folder of its own.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const PONKA = process.env.PONKA_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/ponka");
const CONSOLE = process.env.PONKA_CONSOLE_BIN ?? join(dirname(PONKA), "console");
const PATIENCE = 20_000;

export class Server {
  /// `worker`: whether photos are worked on by itself; `env`: more variables; `retries`: of messages.
  static async start({ worker = true, env = {}, retries } = {}) {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), "ponka-browser-"));
    cpSync(join(ROOT, "messenger.toml"), join(server.folder, "messenger.toml"));
    if (retries !== undefined) {
      const overlay = `[transports.async_priority_high]\nretry_strategy = { max_retries = ${retries} }\n`;
      writeFileSync(join(server.folder, "messenger.test.toml"), overlay);
    }
    server.env = { PATH: process.env.PATH, HOME: process.env.HOME, APP_ENV: "test", RUST_LOG: "warn", ...env };
    server.options = worker ? [] : ["--no-worker"];
    await server.run("127.0.0.1:0");
    return server;
  }

  /// Starts the program; again after `kill`, at the same address.
  async run(bind = new URL(this.url).host) {
    this.log = "";
    this.child = spawn(PONKA, [...this.options, "--bind", bind], { cwd: this.folder, env: this.env });
    this.ended = new Promise((resolve) => this.child.on("exit", resolve));
    this.url = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`ponka does not start: ${this.log}`)), PATIENCE);
      const read = (text) => {
        this.log += text;
        const address = /The gallery is open: (http:\S+)/.exec(this.log)?.[1];
        if (!address) return;
        clearTimeout(late);
        resolve(address);
      };
      this.child.stdout.on("data", read);
      this.child.stderr.on("data", read);
      this.child.on("error", reject);
      this.child.on("exit", (code) => reject(new Error(`ponka ended with ${code}: ${this.log}`)));
    });
  }

  /// As a power cut would.
  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async stop() {
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), PATIENCE);
    await this.ended;
    clearTimeout(late);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /// Runs a command of the console to its end and gives what it printed.
  async console(...words) {
    const child = spawn(CONSOLE, words, { cwd: this.folder, env: this.env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    const code = await new Promise((resolve) => child.on("exit", resolve));
    if (code !== 0) throw new Error(`console ${words.join(" ")} ended with ${code}: ${output}`);
    return output;
  }

  /// Handles this many messages and ends. The limit of time only ends a test that would hang: a slow
  /// machine needs more than a second for a photo in a debug build.
  consume(messages) {
    return this.console("messenger:consume", "--all", `--limit=${messages}`, "--time-limit=120");
  }

  /// Asks the database, past the program; gives rows as arrays.
  sql(query, ...values) {
    const program = "import json,sqlite3,sys\nq,v,f=json.load(sys.stdin)\nc=sqlite3.connect(f,timeout=10)\nr=c.execute(q,v).fetchall() if not v or not isinstance(v[0],list) else c.executemany(q,v).fetchall()\nc.commit()\nprint(json.dumps(r))";
    const input = JSON.stringify([query, values, join(this.folder, "var/ponka.sqlite")]);
    const run = spawnSync("python3", ["-c", program], { input, encoding: "utf8", maxBuffer: 1 << 28 });
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout);
  }
}
