// UX-14: the news keep coming: many tabs, a server that dies, a server that has no time.

import { small } from "./support/photos.mjs";
import { assert, eventually, openGallery, test, upload } from "./support/suite.mjs";

test("UX-14 eight tabs load within five seconds, share one stream, and all see the change", { server: { worker: false } }, async ({ server, context, page }) => {
  await openGallery(page);
  const { id } = await upload(context, small());
  let streams = 0;
  context.on("request", (request) => (streams += Number(new URL(request.url()).pathname === "/events")));
  const tabs = [page];
  for (let n = 1; n < 8; n += 1) {
    const tab = await context.newPage();
    const began = Date.now();
    await openGallery(tab);
    assert.ok(Date.now() - began < 5000, `tab ${n + 1} took ${Date.now() - began} ms`);
    tabs.push(tab);
  }
  await server.consume(1);
  await Promise.all(tabs.map((tab) => tab.locator(`#photo-${id}[data-state="done"]`).waitFor()));
  assert.equal(streams, 0, "the first tab has the only stream");
});

test("UX-14 when the tab with the stream is closed, another goes on without a gap", { server: { worker: false } }, async ({ server, context, page }) => {
  await openGallery(page);
  const { id } = await upload(context, small());
  await page.locator(`#photo-${id}`).waitFor();
  const second = await context.newPage();
  await openGallery(second);
  await page.close();
  await server.consume(1);
  await second.locator(`#photo-${id}[data-state="done"]`).waitFor();
});

test("UX-14 a photo that is finished while the server is dead is shown within ten seconds of its return", { server: { worker: false }, allow: [/ERR_/, /502/] }, async ({ server, context, page }) => {
  await openGallery(page);
  const { id } = await upload(context, small());
  await page.locator(`#photo-${id}`).waitFor();
  await page.evaluate(() => (globalThis.isTheSamePage = true));
  await server.kill();
  await server.consume(1);
  await server.run();
  await page.locator(`#photo-${id}[data-state="done"]`).waitFor({ timeout: 10_000 });
  assert.equal(await page.evaluate(() => globalThis.isTheSamePage), true);
});

test("UX-14 a stream that is refused three times is asked for again, and the page stays current meanwhile", { server: { worker: false }, allow: [/503/] }, async ({ server, context, page }) => {
  let asked = 0;
  await context.route("**/events*", (route) =>
    (asked += 1) <= 3 ? route.fulfill({ status: 503, headers: { "Retry-After": "1" }, body: "" }) : route.continue());
  await openGallery(page);
  const { id } = await upload(context, small());
  await page.locator(`#photo-${id}[data-state="queued"]`).waitFor();
  await eventually(() => asked >= 4, "the fourth stream");
  await server.consume(1);
  await page.locator(`#photo-${id}[data-state="done"]`).waitFor();
});

test("UX-14 without shared streams a page has its own while it is looked at", { server: { worker: false } }, async ({ server, context, page }) => {
  await context.addInitScript(() => delete Navigator.prototype.locks);
  await openGallery(page);
  const { id } = await upload(context, small());
  await page.locator(`#photo-${id}`).waitFor();
  await server.consume(1);
  await page.locator(`#photo-${id}[data-state="done"]`).waitFor();
});
