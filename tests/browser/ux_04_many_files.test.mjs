// UX-04: many photos, three at a time.

import { small, text } from "./support/photos.mjs";
import { assert, openGallery, test } from "./support/suite.mjs";

test("UX-04 nine photos go three at a time, and one that is refused stops none", { server: "working", allow: [/422/] }, async ({ page }) => {
  await openGallery(page);
  let [flying, most] = [0, 0];
  await page.route("**/api/images?**", async (route) => {
    most = Math.max(most, (flying += 1));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  const landed = (request) => request.method() === "POST" && (flying -= 1);
  page.on("requestfinished", landed);
  const masked = text("cut.png");
  masked.buffer = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), masked.buffer]);
  await page.setInputFiles("#file", [...Array(4)].map((_, i) => small(`a${i}.png`)).concat(masked, [...Array(5)].map((_, i) => small(`b${i}.png`))));
  await page.locator(".tile[data-photo-id]").nth(8).waitFor();
  await page.locator('#queue > li[data-state="failed"]').waitFor();
  assert.equal(await page.locator(".tile").count(), 9);
  assert.equal(await page.locator("#queue > li").count(), 1);
  assert.equal(most, 3);
});
