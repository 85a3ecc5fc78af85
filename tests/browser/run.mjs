// Runs every browser test: two files at a time, against two galleries that they share.
//
// PONKA_BIN and PONKA_CONSOLE_BIN name the programs (default: the debug build). Arguments are test
// files (default: all) and options of `node --test`.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";

import { Server } from "./support/server.mjs";

const here = new URL(".", import.meta.url).pathname;
const given = process.argv.slice(2);
const files = given.filter((name) => !name.startsWith("-"));
const all = readdirSync(here).filter((name) => name.endsWith(".test.mjs")).sort();

const working = await Server.start({ env: { PONKA_SLEEP_MS: "200" } });
const idle = await Server.start({ worker: false });
const env = { ...process.env, PONKA_WORKING_URL: working.url, PONKA_IDLE_URL: idle.url };
const options = ["--test", "--test-concurrency=2", ...given.filter((name) => name.startsWith("-"))];
const run = spawn(process.execPath, [...options, ...(files.length > 0 ? files : all)], { cwd: here, env, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => run.kill(signal));
process.exitCode = await new Promise((resolve) => run.on("exit", (code) => resolve(code ?? 1)));
await Promise.all([working.stop(), idle.stop()]);
