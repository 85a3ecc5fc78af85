// Drives a browser for the walkthrough: one JSON order a line on stdin, one JSON answer a line on stdout.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// The argument is the module that starts a browser.
const { launch } = await import(pathToFileURL(process.argv[2]));

const PATIENCE = 10_000;

let browser;
let page;

async function thePage() {
  if (page) return page;
  browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE);
  page = await context.newPage();
  page.on("dialog", (dialog) => dialog.accept());
  return page;
}

/// A button or a link with this name, whichever is there first.
const named = (page, name) =>
  page.getByRole("button", { name, exact: true }).or(page.getByRole("link", { name, exact: true }))
    .or(page.getByRole("button", { name })).or(page.getByRole("link", { name })).first();

const visible = (page, text) => page.getByText(text).filter({ visible: true }).first();

const verbs = {
  open: (page, [path], { base }) => page.goto(new URL(path, base).href),
  attach: (page, [label, file], { folder }) => page.getByLabel(label).first().setInputFiles(join(folder, file)),
  type: (page, [label, text]) => page.getByLabel(label).first().fill(text),
  click: (page, [name]) => named(page, name).click(),
  see: (page, [text]) => visible(page, text).waitFor({ state: "visible", timeout: PATIENCE }),
  "see no": (page, [text]) => gone(page, text),
  press: (page, [key]) => page.keyboard.press(key),
  reload: (page) => page.reload(),
  screenshot: (page, words, { picture }) => screenshot(page, picture),
};

async function gone(page, text) {
  const deadline = Date.now() + PATIENCE;
  while ((await visible(page, text).count()) > 0) {
    if (Date.now() > deadline) throw new Error(`"${text}" is still to be seen`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function screenshot(page, picture) {
  const image = await page.screenshot({ animations: "disabled", caret: "hide" });
  if (!picture || (await looksTheSame(image, picture))) return;
  mkdirSync(dirname(picture), { recursive: true });
  writeFileSync(picture, image);
}

/// Whether a picture differs so little that it need not be written anew: times, ages, a hair.
async function looksTheSame(image, picture) {
  let before;
  try {
    before = readFileSync(picture);
  } catch {
    return false;
  }
  const sheet = await browser.newPage();
  try {
    return await sheet.evaluate(compare, [image.toString("base64"), before.toString("base64")]);
  } finally {
    await sheet.close();
  }
}

async function compare(images) {
  const pixels = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height);
  };
  const [one, other] = await Promise.all(images.map(pixels));
  if (one.width !== other.width || one.height !== other.height) return false;
  let different = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    const distance = [0, 1, 2].map((n) => Math.abs(one.data[at + n] - other.data[at + n]));
    if (Math.max(...distance) > 32) different += 1;
  }
  return different * 200 < one.data.length / 4;
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.verb === "end") break;
  try {
    await verbs[order.verb](await thePage(), order.words, order);
    process.stdout.write("{}\n");
  } catch (error) {
    const words = String(error.message ?? error).split("\n")[0];
    process.stdout.write(`${JSON.stringify({ error: `the browser at ${page?.url()}: ${words}` })}\n`);
  }
}
await browser?.close();
// The runner still holds our input open.
process.exit();
