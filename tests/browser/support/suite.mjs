// What every test has: a server, a browser, a page of a new visitor, and no error that goes unseen.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test as nodeTest } from "node:test";

import { devices } from "playwright-core";

import { launch } from "./launch.mjs";
import { Server } from "./server.mjs";

export { assert, devices, launch, Server };

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
const servers = {};

/// The browser of this file.
export async function theBrowser() {
  browser ??= await launch();
  return browser;
}

/// A gallery that all tests share: "working" or "idle" (without a worker).
async function shared(kind) {
  const url = process.env[`PONKA_${kind.toUpperCase()}_URL`];
  if (url) return { url };
  servers[kind] ??= await Server.start({ worker: kind === "working", env: { PONKA_SLEEP_MS: "200" } });
  return servers[kind];
}

after(async () => {
  await browser?.close();
  for (const server of Object.values(servers)) await server.stop();
});

/// A test: `server` is "working", "idle", or the options of a server of its own; `context` are those
/// of the browser's context; `allow` is what the page may complain about.
export function test(name, { server: kind = "working", context: options = {}, allow = [] }, run) {
  nodeTest(name, { timeout: 180_000 }, async () => {
    const own = typeof kind === "object";
    const server = own ? await Server.start(kind) : await shared(kind);
    const context = await (await theBrowser()).newContext({ baseURL: server.url, viewport: { width: 1200, height: 900 }, ...options });
    context.setDefaultTimeout(15_000);
    const complaints = [];
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        console.error(`CSP: ${violatedDirective} ${blockedURI}`));
    });
    context.on("console", (message) => {
      // A picture of before Ponka's visit, asked for at the moment in which she came: its tile is
      // about to name another one.
      const isOvertaken = message.location().url.includes("/media/") && message.text().includes("404");
      if (message.type() === "error" && !isOvertaken) complaints.push(message.text());
    });
    context.on("weberror", (error) => complaints.push(String(error.error().stack)));
    try {
      await run({ server, context, page: await context.newPage() });
      const unexpected = complaints.filter((text) => !allow.some((pattern) => pattern.test(text)));
      assert.deepEqual(unexpected, [], "complaints of the page");
    } finally {
      await context.close();
      if (own) await server.stop();
    }
  });
}

/// Waits until the page's live news are on.
export async function openGallery(page, path = "/") {
  await page.goto(path);
  await page.waitForSelector("#main[data-live]");
}

/// Gives the value of `look` once it is true.
export async function eventually(look, what, patience = 10_000) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > end) assert.fail(`in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/// Uploads past the page, as the visitor of this context.
export async function upload(context, file) {
  const response = await context.request.post("/api/images", { multipart: { file } });
  assert.equal(response.status(), 201, await response.text());
  return response.json();
}

/// A `DataTransfer` with these files, in the page.
export function transferOf(page, files) {
  const plain = files.map(({ name, mimeType, buffer }) => [name, mimeType, buffer.toString("base64")]);
  return page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const [name, type, base64] of list) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
    }
    return transfer;
  }, plain);
}

/// What axe-core finds wrong with the page as it is now.
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => html + any.map((a) => a.message)).join(" | ")}`);
}
