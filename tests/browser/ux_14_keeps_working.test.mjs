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

test("UX-14 a stream that is always refused costs six seconds at most", { server: { worker: false }, allow: [/503/] }, async ({ server, context, page }) => {
  await context.route("**/events*", (route) => route.fulfill({ status: 503, body: "" }));
  await openGallery(page);
  for (let n = 0; n < 3; n += 1) {
    const { id } = await upload(context, small());
    await server.consume(1);
    const done = Date.now();
    await page.locator(`#photo-${id}[data-state="done"]`).waitFor();
    assert.ok(Date.now() - done < 6_000, `${Date.now() - done} ms`);
  }
});

/// Counts the streams that a page asks for.
async function countStreams(page, answer) {
  const count = { streams: 0 };
  await page.route("**/events*", (route) => {
    count.streams += 1;
    return answer && count.streams === 1 ? route.fulfill(answer) : route.continue();
  });
  return count;
}

test("UX-14 who is asked to come back later does not come back sooner, and asks for the photos meanwhile", { server: "idle" }, async ({ context, page }) => {
  await page.clock.install();
  const count = await countStreams(page, { contentType: "text/event-stream", body: "event: later\ndata: 60\nretry: 60000\n\n" });
  const told = page.waitForResponse("**/events*");
  await openGallery(page);
  await told;
  const { id } = await upload(context, small());
  await eventually(async () => {
    await page.clock.fastForward(1_000);
    return (await page.locator(`#photo-${id}`).count()) === 1;
  }, "the photo");
  assert.equal(count.streams, 1);
  await page.clock.fastForward(60_000);
  await eventually(() => count.streams === 2, "the second stream");
});

test("UX-14 a stream that is silent for 40 seconds is opened anew", { server: "idle" }, async ({ context, page }) => {
  await page.clock.install();
  await context.addInitScript(() => {
    globalThis.EventSource = class extends EventSource {
      constructor(...words) {
        super(...words);
        globalThis.theStream = this;
      }
    };
  });
  const count = await countStreams(page);
  await openGallery(page);
  await page.waitForFunction(() => globalThis.theStream.readyState === EventSource.OPEN);
  for (let n = 0; n < 3; n += 1) {
    await page.clock.fastForward(20_000);
    await page.evaluate(() => globalThis.theStream.dispatchEvent(new MessageEvent("heartbeat", { data: "" })));
  }
  assert.equal(count.streams, 1);
  await page.clock.fastForward(41_000);
  await page.clock.fastForward(1_000);
  await eventually(() => count.streams === 2, "the second stream");
});

test("UX-14 a tab whose leader says nothing asks for itself", { server: "idle" }, async ({ context, page }) => {
  const leader = await context.newPage();
  await leader.goto("/login");
  await leader.evaluate(() => new Promise((resolve) => {
    navigator.locks.request("ponka-events:", () => (resolve(), new Promise(() => {})));
  }));
  await page.clock.install();
  await openGallery(page);
  const { id } = await upload(context, small());
  await page.clock.fastForward(41_000);
  await page.clock.fastForward(5_000);
  await page.locator(`#photo-${id}`).waitFor();
});

test("UX-14 a page that comes back from the cache waits in line once, and has one stream", { server: "idle" }, async ({ context, page }) => {
  const count = await countStreams(page);
  const comeAndGo = (tab) => tab.evaluate(() => {
    for (const name of ["pagehide", "pageshow", "pagehide", "pageshow", "pageshow"]) {
      dispatchEvent(new PageTransitionEvent(name, { persisted: true }));
    }
  });
  const line = (tab) => tab.evaluate(async () => {
    const { held, pending } = await navigator.locks.query();
    return [held.length, pending.length].join();
  });
  await openGallery(page);
  await eventually(() => count.streams === 1, "the stream");
  const second = await context.newPage();
  await openGallery(second);
  await eventually(async () => (await line(second)) === "1,1", "the second tab in line");
  for (let n = 0; n < 3; n += 1) await comeAndGo(second);
  await eventually(async () => (await line(second)) === "1,1", "the second tab in line, once");
  await page.close();
  await eventually(async () => (await line(second)) === "1,0", "a new leader");
});
