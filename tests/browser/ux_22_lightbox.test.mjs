// UX-22: the lightbox has an address, and the browser's own ways in and out.

import { small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

async function galleryOf(context, page, names) {
  await page.goto("/");
  for (const name of names) await upload(context, small(name));
  await openGallery(page);
  await page.locator('.tile[data-state="done"]').nth(names.length - 1).waitFor();
  return page.locator(".tile").evaluateAll((tiles) => tiles.map(({ dataset }) => dataset.photoId));
}

test("UX-22 Enter opens it with the photo's address, Esc gives the focus back, Back closes it", { server: "working" }, async ({ context, page }) => {
  const ids = await galleryOf(context, page, ["a.png", "b.png", "c.png"]);
  const first = page.locator(`#photo-${ids[0]} .tile-photo`);
  await first.focus();
  await page.keyboard.press("Enter");
  const lightbox = page.locator("#lightbox");
  await lightbox.waitFor();
  assert.equal(new URL(page.url()).pathname, `/images/${ids[0]}`);
  await page.keyboard.press("Escape");
  await lightbox.waitFor({ state: "hidden" });
  assert.equal(new URL(page.url()).pathname, "/");
  assert.equal(await first.evaluate((link) => link === document.activeElement), true);

  await first.click();
  await page.getByRole("button", { name: "Older photo" }).click();
  assert.equal(new URL(page.url()).pathname, `/images/${ids[1]}`);
  await page.goBack();
  await lightbox.waitFor({ state: "hidden" });
  assert.equal(new URL(page.url()).pathname, "/");
  await page.goForward();
  await lightbox.waitFor();
  assert.equal(await page.locator("#lightbox-title").textContent(), "b.png");
  await page.reload();
  await page.locator("article.photo").waitFor();
});

test("UX-22 its address is a whole page, also without a script", { server: "working", context: { javaScriptEnabled: false } }, async ({ context, page }) => {
  await page.goto("/");
  const { id } = await upload(context, small("cat.png"));
  await page.goto(`/images/${id}`);
  assert.equal(await page.locator("h1").textContent(), "cat.png");
  assert.equal(await page.locator(".photo-frame .print").evaluate((image) => image.complete && image.naturalWidth > 0), true);
});

test("UX-22 a swipe goes on, neighbours are loaded before, and a deleted photo can be undone", { server: "working", context: { hasTouch: true } }, async ({ context, page }) => {
  const ids = await galleryOf(context, page, ["a.png", "b.png", "c.png"]);
  await page.locator(`#photo-${ids[1]} .tile-photo`).click();
  const urls = await page.locator(".tile").evaluateAll((tiles) => tiles.map(({ dataset }) => dataset.url));
  await page.waitForFunction((two) => two.every((url) => performance.getEntriesByType("resource").some(({ name }) => name.endsWith(url))), [urls[0], urls[2]]);
  const swipe = (from, to) => page.locator(".lightbox-stage").evaluate((stage, [a, b]) => {
    const event = (name, clientX) => stage.dispatchEvent(new PointerEvent(name, { clientX, isPrimary: true, pointerType: "touch", bubbles: true }));
    event("pointerdown", a);
    event("pointerup", b);
  }, [from, to]);
  await swipe(300, 100);
  assert.equal(new URL(page.url()).pathname, `/images/${ids[2]}`);
  await swipe(100, 300);
  assert.equal(new URL(page.url()).pathname, `/images/${ids[1]}`);
  assert.equal(await page.locator("#lightbox").getByRole("button", { name: "Try again" }).isVisible(), false);
  await page.getByRole("button", { name: "Delete this photo" }).click();
  await page.getByRole("button", { name: "Undo deleting b.png" }).click();
  assert.equal(await page.locator(`#photo-${ids[1]}`).isVisible(), true);
});

test("UX-22 two presses of Close, or two photos deleted elsewhere, go back once", { server: "working" }, async ({ context, page }) => {
  const ids = await galleryOf(context, page, ["a.png", "b.png", "c.png"]);
  // As if Ponka's page was a click away from another one.
  await page.evaluate(() => history.pushState(null, "", "/?here"));
  const lightbox = page.locator("#lightbox");
  const isInGallery = () => page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(location.search === "?here"), 100)));
  await page.locator(`#photo-${ids[1]} .tile-photo`).click();
  await page.getByRole("button", { name: "Close" }).evaluate((button) => (button.click(), button.click()));
  await lightbox.waitFor({ state: "hidden" });
  assert.equal(await isInGallery(), true);

  await page.locator(`#photo-${ids[1]} .tile-photo`).click();
  await lightbox.waitFor();
  await page.evaluate(async (two) => {
    const { hear } = await import("/assets/gallery/tiles.js");
    for (const id of two) hear({ id, status: "deleted" });
  }, [ids[1], ids[0]]);
  await lightbox.waitFor({ state: "hidden" });
  assert.equal(await isInGallery(), true);
  assert.equal(await page.evaluate(() => document.activeElement.closest(".tile")?.dataset.photoId), ids[2], "the focus is beside the photo that is gone");
});
