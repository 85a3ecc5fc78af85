// UX-21: a deleted photo can be brought back for ten seconds; then it is gone, its file too.

import { readdirSync } from "node:fs";
import { join } from "node:path";

import { small } from "./support/photos.mjs";
import { assert, eventually, openGallery, test, upload } from "./support/suite.mjs";

const idsOf = async (context) => (await (await context.request.get("/api/images")).json()).items.map(({ id }) => id);

async function galleryWithOne(context, page, clock = true) {
  if (clock) await page.clock.install();
  await page.goto("/");
  const { id } = await upload(context, small("cat.png"));
  await openGallery(page);
  await page.locator(`#photo-${id}[data-state="done"]`).waitFor();
  return id;
}

test("UX-21 the tile is gone at once, Undo stays for ten seconds and brings the same photo back", { server: "working" }, async ({ context, page }) => {
  const id = await galleryWithOne(context, page);
  const took = await page.getByRole("button", { name: "Delete cat.png" }).evaluate((button) => {
    const began = performance.now();
    button.click();
    return document.querySelector(".tile:not([hidden])") ? Infinity : performance.now() - began;
  });
  assert.ok(took <= 100, `${took} ms`);
  const undo = page.getByRole("button", { name: "Undo deleting cat.png" });
  await page.getByRole("status").filter({ hasText: "Deleted cat.png." }).waitFor();
  await page.clock.fastForward(10_000);
  assert.equal(await undo.evaluate((button) => button === document.activeElement), true);
  await undo.click();
  await page.clock.fastForward(20_000);
  assert.equal(await page.locator(`#photo-${id}`).isVisible(), true);
  assert.deepEqual(await idsOf(context), [id]);
  assert.equal((await context.request.get(await page.locator(".tile").getAttribute("data-url"))).status(), 200);
});

test("UX-21 without Undo the photo goes, and its files", { server: { worker: true } }, async ({ server, context, page }) => {
  const id = await galleryWithOne(context, page);
  await page.getByRole("button", { name: "Delete cat.png" }).click();
  await page.clock.fastForward(11_000);
  await eventually(async () => (await idsOf(context)).length === 0, "an empty list");
  await page.locator(`#photo-${id}`).waitFor({ state: "detached" });
  await page.getByText("Ponka is asleep").waitFor();
  const files = () => readdirSync(join(server.folder, "uploads"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== "ponka-storage.txt");
  await eventually(() => files().length === 0, "no file");
});

test("UX-21 who leaves the page has decided", { server: "working" }, async ({ context, page }) => {
  await galleryWithOne(context, page, false);
  await page.getByRole("button", { name: "Delete cat.png" }).click();
  await page.goto("/login");
  await eventually(async () => (await idsOf(context)).length === 0, "an empty list");
});

test("UX-21 what somebody else has deleted meanwhile cannot be undone, and the page says so", { server: "working" }, async ({ context, page }) => {
  const id = await galleryWithOne(context, page);
  await page.getByRole("button", { name: "Delete cat.png" }).click();
  await page.evaluate((own) => fetch(`/api/images/${own}`, { method: "DELETE" }), id);
  await page.locator(`#photo-${id}`).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo deleting cat.png" }).click();
  await page.getByText("cat.png was deleted elsewhere, and cannot come back.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "file");
});

test("UX-21 a photo that cannot be deleted comes back and says so", { server: "working", allow: [/500/] }, async ({ context, page }) => {
  const id = await galleryWithOne(context, page);
  await page.route("**/api/images/*", (route) => route.fulfill({ status: 500, body: "oops" }));
  await page.getByRole("button", { name: "Delete cat.png" }).click();
  await page.clock.fastForward(11_000);
  await page.getByText("cat.png could not be deleted. Try again.").waitFor();
  assert.equal(await page.locator(`#photo-${id}`).isVisible(), true);
});

test("UX-21 a photo deleted on its own page can be brought back in the gallery", { server: "working" }, async ({ context, page }) => {
  const id = await galleryWithOne(context, page);
  for (const isWanted of [true, false]) {
    await page.goto(`/images/${id}`);
    await page.waitForSelector("#main[data-live]");
    await page.getByRole("button", { name: "Delete this photo" }).click();
    const undo = page.getByRole("button", { name: "Undo deleting cat.png" });
    await page.getByRole("status").filter({ hasText: "Deleted cat.png." }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/");
    assert.equal(await undo.evaluate((button) => button === document.activeElement), true);
    assert.equal(await page.locator(`#photo-${id}`).isVisible(), false);
    await page.clock.fastForward(5_000);
    assert.deepEqual(await idsOf(context), [id]);
    if (isWanted) {
      await undo.click();
      await page.clock.fastForward(20_000);
      assert.equal(await page.locator(`#photo-${id}`).isVisible(), true);
      assert.deepEqual(await idsOf(context), [id]);
    } else {
      await page.clock.fastForward(6_000);
    }
  }
  await eventually(async () => (await idsOf(context)).length === 0, "an empty list");
  await page.goto("/");
  await page.getByText("Ponka is asleep").waitFor();
  assert.equal(await page.locator("#undo").isVisible(), false);
});

test("UX-21 also one that is older than the gallery's first page", { server: "idle" }, async ({ context, page }) => {
  await page.clock.install();
  await page.goto("/");
  const { id } = await upload(context, small("cat.png"));
  const others = await Promise.all(Array.from({ length: 60 }, () => upload(context, small())));
  await page.goto(`/images/${id}`);
  await page.waitForSelector("#main[data-live]");
  await page.getByRole("button", { name: "Delete this photo" }).click();
  await page.getByRole("button", { name: "Undo deleting cat.png" }).click();
  assert.equal(await page.locator(".tile-photo").last().evaluate((link) => link === document.activeElement), true);
  await page.goto(`/images/${id}`);
  await page.waitForSelector("#main[data-live]");
  await page.getByRole("button", { name: "Delete this photo" }).click();
  await page.getByText("Deleted cat.png.").waitFor();
  await page.clock.fastForward(11_000);
  await eventually(async () => (await context.request.get(`/api/images/${id}`)).status() === 404, "the photo to go");
  assert.equal(await page.locator(".tile:visible").count(), others.length);
});

test("UX-21 without a script the photo's own page deletes at once", { server: "working", context: { javaScriptEnabled: false } }, async ({ context, page }) => {
  await page.goto("/");
  const { id } = await upload(context, small("cat.png"));
  await page.goto(`/images/${id}`);
  await page.getByRole("button", { name: "Delete this photo" }).click();
  await page.getByText("Ponka is asleep").waitFor();
  assert.deepEqual(await idsOf(context), []);
});
