// UX-27: a photo that is here already is no mistake.

import { small } from "./support/photos.mjs";
import { assert, openGallery, test } from "./support/suite.mjs";

test("UX-27 the same photo twice is one photo, with a link to it, unless it is wanted twice", { server: "working" }, async ({ page }) => {
  await openGallery(page);
  const photo = small("cat.png");
  await page.setInputFiles("#file", [photo]);
  await page.locator('.tile[data-state="done"]').waitFor();
  await page.setInputFiles("#file", [photo]);
  const row = page.locator('#queue > li[data-state="duplicate"]');
  await row.getByText("cat.png is already in your gallery.").waitFor();
  assert.equal(await page.locator(".tile").count(), 1);
  assert.equal(await page.locator("#alert").textContent(), "");
  const link = row.getByRole("link", { name: "Show it" });
  assert.equal(await link.getAttribute("href"), `/images/${await page.locator(".tile").getAttribute("data-photo-id")}`);
  await link.click();
  await page.locator("#lightbox[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#lightbox").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Add cat.png anyway" }).click();
  await page.locator('.tile[data-state="done"]').nth(1).waitFor();
  assert.equal(await row.count(), 0);
});
