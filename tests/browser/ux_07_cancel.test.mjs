// UX-07: one photo can be called back.

import { readdirSync } from "node:fs";
import { join } from "node:path";

import { heavy, small } from "./support/photos.mjs";
import { assert, eventually, openGallery, test, upload } from "./support/suite.mjs";

const filesOf = ({ folder }) =>
  readdirSync(join(folder, "uploads"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== "ponka-storage.txt");

test("UX-07 a cancelled photo leaves no row on the page, none in the database and no file", { server: { worker: false } }, async ({ server, context, page }) => {
  await openGallery(page);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: 1e6, uploadThroughput: 100e3 });
  await page.setInputFiles("#file", [heavy("cat.png", 3e6)]);
  await page.waitForFunction(() => document.querySelector("progress")?.value > 2);
  await page.getByRole("button", { name: "Cancel cat.png" }).click();
  assert.equal(await page.locator("#queue > li, .tile").count(), 0);
  assert.deepEqual(server.sql("SELECT count(*) FROM image_post"), [[0]]);
  await eventually(() => filesOf(server).length === 0, "an empty folder");
});

test("UX-07 a photo that is cancelled while it is saved goes away again", { server: { worker: false } }, async ({ server, context, page }) => {
  await openGallery(page);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 1500, downloadThroughput: 1e6, uploadThroughput: 1e6 });
  await page.setInputFiles("#file", [small("cat.png")]);
  await page.locator('#queue > li[data-state="saving"]').waitFor();
  await page.getByRole("button", { name: "Cancel cat.png" }).click();
  assert.equal(await page.locator("#queue > li, .tile").count(), 0);
  await eventually(() => server.sql("SELECT count(*) FROM messenger_messages WHERE queue_name = 'default'")[0][0] > 0, "the message that deletes the file");
  assert.deepEqual(server.sql("SELECT count(*) FROM image_post"), [[0]]);
  assert.equal(await page.locator(".tile").count(), 0);
  assert.equal(await page.locator("h1").textContent(), "Ponka’d 0 photos");
});

test("UX-07 cancelling a photo that is here already, while it is saved, leaves the first one alone", { server: "idle" }, async ({ context, page }) => {
  const deletions = [];
  page.on("request", (request) => request.method() === "DELETE" && deletions.push(request.url()));
  await openGallery(page);
  const photo = small("cat.png");
  const { id } = await upload(context, photo);
  await page.locator(`#photo-${id}`).waitFor();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 1500, downloadThroughput: 1e6, uploadThroughput: 1e6 });
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await page.setInputFiles("#file", [photo]);
  await page.locator('#queue > li[data-state="saving"]').waitFor();
  await page.getByRole("button", { name: "Cancel cat.png" }).click();
  assert.equal((await answered).headers()["x-ponka-duplicate"], "1");
  // Whatever the page makes of that answer, it does before that of the next photo.
  await page.setInputFiles("#file", [small("dog.png")]);
  await page.locator(".tile[data-photo-id]").nth(1).waitFor();
  assert.deepEqual(deletions, []);
  const { items } = await (await context.request.get("/api/images")).json();
  assert.ok(items.some((image) => image.id === id), "the first photo is still there");
  assert.equal(await page.locator(`#photo-${id}`).isVisible(), true);
});
