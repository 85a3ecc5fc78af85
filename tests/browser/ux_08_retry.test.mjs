// UX-08: what is nobody's fault is tried again; what is left, a button does.

import { small } from "./support/photos.mjs";
import { assert, eventually, openGallery, test } from "./support/suite.mjs";

const photosOf = async (context) => (await (await context.request.get("/api/images")).json()).items;
const quick = (page) => page.clock.install();

test("UX-08 a broken connection is tried again, and gives one photo", { server: "idle", allow: [/Failed to load/] }, async ({ context, page }) => {
  await quick(page);
  await openGallery(page);
  let tries = 0;
  const keys = new Set();
  await page.route("**/api/images?**", (route) => {
    keys.add(route.request().headers()["idempotency-key"]);
    return (tries += 1) <= 2 ? route.abort() : route.continue();
  });
  await page.setInputFiles("#file", [small()]);
  await page.getByText("Trying again in 1 s").waitFor();
  await page.clock.fastForward(1_000);
  await page.getByText("Trying again in 3 s").waitFor();
  await page.clock.fastForward(3_000);
  await page.locator(".tile[data-photo-id]").waitFor();
  assert.equal((await photosOf(context)).length, 1);
  assert.equal(keys.size, 1);
});

test("UX-08 an answer that is not the gallery's is no answer", { server: "idle" }, async ({ context, page }) => {
  await quick(page);
  await openGallery(page);
  let tries = 0;
  await page.route("**/api/images?**", (route) =>
    (tries += 1) === 1 ? route.fulfill({ status: 200, contentType: "text/html", body: "<p>Welcome to our network" }) : route.continue());
  await page.setInputFiles("#file", [small(), small("cat.png")]);
  await page.getByText("Trying again in 1 s").waitFor();
  await page.clock.fastForward(1_000);
  await page.locator(".tile[data-photo-id]").nth(1).waitFor();
  assert.equal((await photosOf(context)).length, 2);
  assert.equal(await page.locator("#queue > li").count(), 0);
});

test("UX-08 UX-06 a photo of an earlier choice that is tried again is counted with the later one", { server: "idle", allow: [/415/] }, async ({ page }) => {
  await quick(page);
  await openGallery(page);
  await page.route("**/api/images?**", (route) => route.fulfill({ status: 415, contentType: "application/problem+json", body: '{"detail":"No."}' }));
  await page.setInputFiles("#file", [small("one.png")]);
  await page.getByRole("button", { name: "Retry one.png" }).waitFor();
  await page.unroute("**/api/images?**");
  await page.setInputFiles("#file", [small("two.png")]);
  await page.locator(".tile[data-photo-id]").waitFor();
  await page.getByRole("button", { name: "Retry one.png" }).click();
  await page.locator(".tile[data-photo-id]").nth(1).waitFor();
  await page.clock.fastForward(2_000);
  await page.locator("#status", { hasText: "2 of 2 uploaded" }).waitFor();
});

test("UX-08 after three more tries there is a button, for the keyboard too", { server: "idle", allow: [/500/] }, async ({ context, page }) => {
  await quick(page);
  await openGallery(page);
  let tries = 0;
  await page.route("**/api/images?**", (route) => {
    tries += 1;
    return route.fulfill({ status: 500, body: "oops" });
  });
  await page.setInputFiles("#file", [small("cat.png")]);
  for (const seconds of [1, 3, 9]) {
    await page.getByText(`Trying again in ${seconds} s`).waitFor();
    await page.clock.fastForward(1000 * seconds);
  }
  await page.locator('#queue > li[data-state="failed"]').waitFor();
  assert.equal(tries, 4);
  assert.equal(await page.locator(".tile").count(), 0);
  assert.match(await page.locator("#alert").textContent(), /cat\.png/);
  await page.unroute("**/api/images?**");
  const retry = page.getByRole("button", { name: "Retry cat.png" });
  await retry.focus();
  await page.keyboard.press("Enter");
  await page.locator(".tile[data-photo-id]").waitFor();
  assert.equal((await photosOf(context)).length, 1);
});

test("UX-08 the server says when it is welcome again", { server: "idle", allow: [/429/] }, async ({ page }) => {
  await quick(page);
  await openGallery(page);
  let tries = 0;
  await page.route("**/api/images?**", (route) =>
    (tries += 1) === 1 ? route.fulfill({ status: 429, headers: { "Retry-After": "7" }, body: "{}" }) : route.continue());
  await page.setInputFiles("#file", [small()]);
  await page.getByText("Trying again in 7 s").waitFor();
  await page.clock.fastForward(6_000);
  assert.equal(tries, 1);
  await page.clock.fastForward(1_100);
  await page.locator(".tile[data-photo-id]").waitFor();
});

test("UX-08 an answer that is lost on its way makes no second photo", { server: "idle", allow: [/Failed to load/] }, async ({ context, page }) => {
  await openGallery(page);
  let tries = 0;
  await page.route("**/api/images?**", async (route) => {
    if ((tries += 1) > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.setInputFiles("#file", [small()]);
  await page.locator(".tile[data-photo-id]").waitFor();
  await eventually(async () => (await page.locator("#queue > li").count()) === 0, "an empty queue");
  assert.equal(tries, 2);
  assert.equal((await photosOf(context)).length, 1);
  assert.equal(await page.locator(".tile").count(), 1);
});

test("UX-08 a connection on which nothing moves is given up after 30 seconds", { server: "idle" }, async ({ page }) => {
  await quick(page);
  await openGallery(page);
  let tries = 0;
  await page.route("**/api/images?**", (route) => ((tries += 1) === 1 ? undefined : route.continue()));
  await page.setInputFiles("#file", [small()]);
  await eventually(() => tries === 1, "the first try");
  await page.clock.fastForward(31_000);
  await page.getByText("Trying again in 1 s").waitFor();
  await page.clock.fastForward(1_100);
  await page.locator(".tile[data-photo-id]").waitFor();
  assert.equal(tries, 2);
});

for (const status of [400, 403, 409, 413, 415, 422]) {
  test(`UX-08 an answer of ${status} is final`, { server: "idle", allow: [/Failed to load/] }, async ({ page }) => {
    await quick(page);
    await openGallery(page);
    let tries = 0;
    await page.route("**/api/images?**", (route) => {
      tries += 1;
      return route.fulfill({ status, headers: { "Retry-After": "1" }, body: "{}" });
    });
    await page.setInputFiles("#file", [small("cat.png")]);
    await page.locator('#queue > li[data-state="failed"]').waitFor();
    await page.clock.fastForward(120_000);
    await page.locator('#queue > li[data-state="failed"]').waitFor();
    assert.equal(tries, 1);
  });
}

test("UX-08 what is wrong with one photo does not hide what is wrong with another", { server: "idle", allow: [/Failed to load/] }, async ({ page }) => {
  await openGallery(page);
  await page.route("**/api/images?**", (route) => route.fulfill({ status: 422, body: "{}" }));
  const names = ["a.png", "b.png", "c.png"];
  await page.setInputFiles("#file", names.map((name) => small(name)));
  await page.locator('#queue > li[data-state="failed"]').nth(2).waitFor();
  const alert = await page.locator("#alert").textContent();
  assert.deepEqual(alert.split("\n").sort(), names.map((name) => `${name} could not be added. Try again.`));
  await page.unroute("**/api/images?**");
  await page.setInputFiles("#file", [small("d.png")]);
  await page.locator(".tile[data-photo-id]").waitFor();
  assert.equal(await page.locator("#alert").textContent(), "", "a new choice begins anew");
});
