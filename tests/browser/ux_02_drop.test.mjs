// UX-02: photos can be dropped anywhere on the page.

import { cat, small } from "./support/photos.mjs";
import { assert, openGallery, test, transferOf, upload } from "./support/suite.mjs";

/// Drops something there, and gives the events that the page did not take for itself.
const leftToBrowser = (page, selector, dataTransfer) =>
  page.locator(selector).evaluate((element, transfer) => ["dragover", "drop"].filter((name) =>
    element.dispatchEvent(new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true }))), dataTransfer);

test("UX-02 an overlay says what a drop will do, and the drop does it", { server: "idle" }, async ({ page }) => {
  await openGallery(page);
  const overlay = page.locator("#drop-overlay");
  const dataTransfer = await transferOf(page, [cat(), small()]);
  await page.dispatchEvent("body", "dragenter", { dataTransfer });
  assert.equal(await overlay.isVisible(), true);
  await page.dispatchEvent("h1", "dragenter", { dataTransfer });
  await page.dispatchEvent("body", "dragleave", { dataTransfer });
  assert.equal(await overlay.isVisible(), true, "the drag is still over the page");
  await page.dispatchEvent("h1", "dragleave", { dataTransfer });
  assert.equal(await overlay.isVisible(), false);
  await page.route("**/api/images?**", () => {});
  await page.dispatchEvent("body", "dragenter", { dataTransfer });
  assert.deepEqual(await leftToBrowser(page, "h1", dataTransfer), []);
  assert.equal(await overlay.isVisible(), false);
  await page.locator("#queue > li").nth(1).waitFor();
  assert.equal(await page.locator("#queue > li").count(), 2);
  assert.equal(new URL(page.url()).pathname, "/");
});

test("UX-02 text that is dragged over the page is none of its business", { server: "idle" }, async ({ page }) => {
  await openGallery(page);
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.setData("text/plain", "a word");
    return transfer;
  });
  for (const name of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent("body", name, { dataTransfer });
    assert.equal(await page.locator("#drop-overlay").isVisible(), false);
  }
  assert.equal(await page.locator("#queue > li").count(), 0);
});

test("UX-02 a file dropped on a page that takes none does not replace it", { server: "idle" }, async ({ context, page }) => {
  await page.goto("/");
  const { id } = await upload(context, small());
  for (const path of ["/?cursor=", `/images/${id}`]) {
    await openGallery(page, path);
    const dataTransfer = await transferOf(page, [cat()]);
    assert.deepEqual(await leftToBrowser(page, "body", dataTransfer), [], path);
  }
});
