// UX-03: a screenshot can be pasted.

import { small } from "./support/photos.mjs";
import { assert, openGallery, test, transferOf } from "./support/suite.mjs";

const paste = (page, selector, clipboardData) =>
  page.locator(selector).evaluate((element, data) =>
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })), clipboardData);

test("UX-03 a pasted picture is uploaded under a name of its own, but not while somebody types", { server: "working" }, async ({ page }) => {
  await openGallery(page);
  const data = await transferOf(page, [small("image.png")]);
  await paste(page, "#lightbox-alt", data);
  assert.equal(await page.locator("#queue > li, .tile").count(), 0);
  // The focus is there after files were chosen.
  await paste(page, "#file", data);
  await page.locator(".tile[data-photo-id]").waitFor();
  assert.match(await page.locator(".tile").getAttribute("data-name"), /^pasted-\d{4}-\d\d-\d\d-1\.png$/);
});
