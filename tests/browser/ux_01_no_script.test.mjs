// UX-01: the form works end to end without JavaScript.

import { cat, small } from "./support/photos.mjs";
import { assert, eventually, launch, test } from "./support/suite.mjs";

const noScript = { javaScriptEnabled: false };

test("UX-01 two photos go in, Ponka comes, and one is deleted, all without a script", { server: { worker: false }, context: noScript }, async ({ server, page }) => {
  await page.goto("/");
  await page.setInputFiles("#file", [cat(), small()]);
  await page.click("text=Upload");
  await page.waitForURL(/\/#photo-/);
  assert.equal(await page.locator('.tile[data-state="queued"]').count(), 2);
  assert.match(await page.content(), /<noscript><meta http-equiv="refresh" content="3; url=\/"><\/noscript>/);
  await server.consume(2);
  await page.reload();
  assert.equal(await page.locator('.tile[data-state="done"]').count(), 2);
  assert.doesNotMatch(await page.content(), /http-equiv="refresh"/);
  await page.click('.tile-photo >> nth=0');
  await page.waitForURL(/\/images\//);
  await page.click("text=Delete this photo");
  await page.waitForURL(/\/$/);
  assert.equal(await page.locator(".tile").count(), 1);
});

test("UX-01 a page that waits for Ponka looks again by itself, without a script", { server: "working" }, async ({ server }) => {
  // The switch of the test above leaves <noscript> asleep; this one does not, but nothing can be clicked.
  const browser = await launch("--blink-settings=scriptEnabled=false");
  try {
    const context = await browser.newContext({ baseURL: server.url });
    const page = await context.newPage();
    const sent = await context.request.post("/images", { multipart: { file: small() }, maxRedirects: 0 });
    const pages = [];
    page.on("response", async (response) => {
      if (response.request().resourceType() === "document") pages.push(await response.text().catch(String));
    });
    await page.goto(sent.headers().location);
    await eventually(() => pages.some((html) => html.includes('data-state="done"')), "a page with Ponka");
  } finally {
    await browser.close();
  }
});

test("UX-01 a photo that failed is tried again, and two photos are deleted one after the other, without a script", { server: { worker: false, retries: 0, env: { FAULT_ADD_PONKA: "times:1" } }, context: noScript }, async ({ server, page }) => {
  await page.goto("/");
  await page.setInputFiles("#file", [small("cat.png"), small("dog.png")]);
  await page.click("text=Upload");
  await page.waitForURL(/\/#photo-/);
  // Not those that have failed: they wait for somebody.
  await server.console("messenger:consume", "async_priority_high", "--limit=2", "--time-limit=20");
  await page.goto("/");
  assert.equal(await page.locator('.tile[data-state="done"]').count(), 1);
  await page.locator('.tile[data-state="failed"]').getByRole("button", { name: /^Try again with/ }).click();
  await page.waitForURL(/\/#photo-/);
  assert.equal(await page.locator('.tile[data-state="queued"]').count(), 1);
  await server.consume(1);
  await page.goto("/");
  for (const left of [1, 0]) {
    await page.locator(".tile").first().getByRole("button", { name: /^Delete/ }).click();
    await page.waitForURL(/\/$/);
    assert.equal(await page.locator(".tile").count(), left);
  }
  assert.equal(await page.getByText("Ponka is asleep").isVisible(), true);
});
