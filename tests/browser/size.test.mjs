// The page stays light: what a browser has to load for it, compressed.

import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { assert, test } from "./support/suite.mjs";

const folder = new URL("../../public/", import.meta.url).pathname;
const compressed = (names) => gzipSync(Buffer.concat(names.map((name) => readFileSync(folder + name))), { level: 9 }).length;

test("the scripts of the gallery have at most 15 KB together, its style 10 KB", { server: "idle" }, async () => {
  const parts = readdirSync(`${folder}gallery`).map((name) => `gallery/${name}`);
  const [script, style] = [compressed(["gallery.js", ...parts]), compressed(["app.css"])];
  assert.ok(script <= 15 * 1024, `scripts: ${script} bytes`);
  assert.ok(style <= 10 * 1024, `style: ${style} bytes`);
});
