// UX-26: what is being sent is not lost by accident.

import { small } from "./support/photos.mjs";
import { assert, eventually, openGallery, test } from "./support/suite.mjs";

test("UX-26 a reload asks first, but only while photos are being sent", { server: "working" }, async ({ page }) => {
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.type());
    return dialog.dismiss();
  });
  await openGallery(page);
  await page.locator("h1").click();
  let go;
  await page.route("**/api/images?**", (route) => (go = () => route.continue()));
  await page.setInputFiles("#file", [small()]);
  await eventually(() => go, "the request");
  await page.evaluate(() => setTimeout(() => location.reload()));
  await eventually(() => dialogs.length === 1, "the question");
  assert.deepEqual(dialogs, ["beforeunload"]);
  go();
  await page.locator(".tile[data-photo-id]").waitFor();
  await page.reload();
  assert.equal(dialogs.length, 1);
});

test("UX-26 without a connection photos wait, and go on with it", { server: "working", allow: [/ERR_INTERNET_DISCONNECTED/, /Failed to load/] }, async ({ context, page }) => {
  await openGallery(page);
  await context.setOffline(true);
  await page.getByText("You're offline.").waitFor();
  await page.setInputFiles("#file", [small("one.png"), small("two.png")]);
  await page.getByText("You're offline. 2 photos will continue when you're back.").waitFor();
  assert.deepEqual(await page.locator('#queue > li[data-state="waiting"]').count(), 2);
  await context.setOffline(false);
  await page.locator('.tile[data-state="done"]').nth(1).waitFor();
  assert.equal(await page.locator("#offline").isVisible(), false);
});

test("UX-26 a connection that goes away in the middle costs nothing", { server: "working", allow: [/ERR_/, /Failed to load/] }, async ({ context, page }) => {
  await openGallery(page);
  const held = [];
  await page.route("**/api/images?**", (route) => held.push(route));
  await page.setInputFiles("#file", [small("one.png"), small("two.png")]);
  await eventually(() => held.length === 2, "two requests");
  await context.setOffline(true);
  await Promise.all(held.map((route) => route.abort("internetdisconnected")));
  await page.getByText("You're offline. 2 photos will continue when you're back.").waitFor();
  await page.unroute("**/api/images?**");
  await context.setOffline(false);
  await page.locator('.tile[data-state="done"]').nth(1).waitFor();
});
