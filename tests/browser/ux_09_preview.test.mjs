// UX-09, UX-12: the photo is in the grid before the server has answered, once.

import { cat, small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

test("UX-09 a preview is there within 300 ms and leaves nothing behind", { server: "working" }, async ({ page }) => {
  await openGallery(page);
  await page.evaluate(() => {
    document.getElementById("file").addEventListener("change", () => (globalThis.chosenAt = performance.now()));
    new MutationObserver((_, observer) => {
      const image = document.querySelector('img[src^="blob:"]');
      if (!image) return;
      observer.disconnect();
      image.decode().then(() => (globalThis.preview = { after: performance.now() - globalThis.chosenAt, width: image.naturalWidth }));
    }).observe(document.body, { childList: true, subtree: true });
  });
  await page.setInputFiles("#file", [cat()]);
  const preview = await (await page.waitForFunction(() => globalThis.preview)).jsonValue();
  assert.ok(preview.after < 300 && preview.width > 0, JSON.stringify(preview));
  await page.locator('.tile[data-state="done"]').waitFor();
  // The preview stays until the picture with Ponka is there to take its place.
  await page.locator('img[src^="blob:"]').waitFor({ state: "detached" });
});

test("UX-12 one photo is one tile, also if the news are faster than the answer", { server: "working" }, async ({ page }) => {
  await openGallery(page);
  await page.evaluate(() => {
    globalThis.counts = new Set();
    new MutationObserver(() => globalThis.counts.add(document.querySelectorAll(".tile").length))
      .observe(document.getElementById("gallery"), { childList: true });
  });
  await page.route("**/api/images?**", async (route) => {
    const response = await route.fetch();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await route.fulfill({ response });
  });
  await page.setInputFiles("#file", [small("one.png")]);
  await page.locator('.tile[data-state="done"]').waitFor();
  assert.deepEqual(await page.evaluate(() => [...globalThis.counts]), [1]);
  assert.match(await page.locator(".tile").getAttribute("id"), /^photo-/);
});

test("UX-12 five photos stand in the order in which they stand after a reload", { server: "working" }, async ({ page }) => {
  await openGallery(page);
  const order = () => page.locator(".tile[data-photo-id]").evaluateAll((tiles) => tiles.map(({ dataset }) => dataset.photoId));
  // The first one is slow, so that others overtake it.
  let first = true;
  await page.route("**/api/images?**", async (route) => {
    if (first) {
      first = false;
      await page.locator(".tile[data-photo-id]").nth(3).waitFor();
    }
    return route.continue();
  });
  await page.setInputFiles("#file", [1, 2, 3, 4, 5].map((n) => small(`${n}.png`)));
  await page.locator(".tile[data-photo-id]").nth(4).waitFor();
  const before = await order();
  await page.reload();
  assert.deepEqual(before, await order());
});

test("UX-12 the preview of a photo that has a tile already leaves nothing behind", { server: "idle" }, async ({ context, page }) => {
  await page.goto("/");
  const image = await upload(context, small());
  await openGallery(page);
  const left = await page.evaluate(async (stored) => {
    const { adopt, insertPreview } = await import("/assets/gallery/tiles.js");
    const address = URL.createObjectURL(new Blob([]));
    let forgotten;
    const { revokeObjectURL } = URL;
    URL.revokeObjectURL = (url) => {
      forgotten = url;
      revokeObjectURL(url);
    };
    adopt(insertPreview("cat.png", address), stored);
    return [document.querySelectorAll(".tile").length, forgotten === address];
  }, image);
  assert.deepEqual(left, [1, true]);
});
