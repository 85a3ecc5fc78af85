// UX-15: a photo that failed says why and offers a way on.

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { small } from "./support/photos.mjs";
import { assert, openGallery, test } from "./support/suite.mjs";

test("UX-15 a failed tile has a sentence, nothing of the inside, and can be tried again", { server: { retries: 0, env: { FAULT_ADD_PONKA: "times:1" } } }, async ({ page }) => {
  await openGallery(page);
  await page.setInputFiles("#file", [small("cat.png")]);
  const failed = page.locator('.tile[data-state="failed"]');
  await failed.locator("text=Ponka is having a moment").waitFor();
  assert.doesNotMatch(await page.content(), /FAULT_ADD_PONKA|\/tmp\/|SELECT|panicked|at src\//);
  await page.getByRole("button", { name: "Try again with cat.png" }).click();
  await page.locator('.tile:is([data-state="queued"], [data-state="processing"], [data-state="done"])').waitFor();
  await page.locator('.tile[data-state="done"]').waitFor();
  assert.equal(await page.locator(".tile").count(), 1);
});

test("UX-15 a photo that is broken for good says so, is not tried again by itself, and can go", { server: { worker: false } }, async ({ server, page }) => {
  await openGallery(page);
  await page.setInputFiles("#file", [small("cat.png")]);
  await page.locator('.tile[data-state="queued"]').waitFor();
  const originals = join(server.folder, "uploads/originals");
  const files = readdirSync(originals, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.equal(files.length, 1);
  for (const { parentPath, path, name } of files) writeFileSync(join(parentPath ?? path, name), "no photo at all");
  await server.consume(1);
  const failed = page.locator('.tile[data-state="failed"]');
  await failed.locator(".status", { hasText: /^\s*cat\.png isn't a JPEG, PNG, WebP or GIF image\.\s*$/ }).waitFor();
  assert.deepEqual(server.sql("SELECT count(*) FROM messenger_messages WHERE queue_name LIKE '%high%'"), [[0]]);
  assert.equal(await failed.getByRole("button", { name: "Try again with cat.png" }).isVisible(), true);
  await failed.getByRole("button", { name: "Delete cat.png" }).click();
  await page.getByText("Deleted cat.png.").waitFor();
});

test("UX-15 a failed photo can be deleted instead", { server: { retries: 0, env: { FAULT_ADD_PONKA: "always" } } }, async ({ page }) => {
  await openGallery(page);
  await page.setInputFiles("#file", [small("cat.png")]);
  await page.locator('.tile[data-state="failed"] >> text=Ponka is having a moment').waitFor();
  await page.getByRole("button", { name: "Delete cat.png" }).click();
  await page.getByText("Deleted cat.png.").waitFor();
  assert.equal(await page.locator(".tile:visible").count(), 0);
});

test("UX-15 it can be tried again in the lightbox, which says so when that fails", { server: { retries: 0, env: { FAULT_ADD_PONKA: "times:1" } }, allow: [/500/] }, async ({ page }) => {
  await openGallery(page);
  await page.setInputFiles("#file", [small("cat.png")]);
  await page.locator('.tile[data-state="failed"] >> text=Ponka is having a moment').waitFor();
  await page.locator(".tile-photo").click();
  const lightbox = page.locator("#lightbox");
  const again = lightbox.getByRole("button", { name: "Try again" });
  await page.route("**/retry", (route) => route.fulfill({ status: 500, body: "oops" }));
  await again.click();
  await lightbox.getByRole("alert").filter({ hasText: "cat.png could not be tried again." }).waitFor();
  await page.unroute("**/retry");
  await again.click();
  await again.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Close");
  await lightbox.getByText("Ponka visited your photo").waitFor();
  await page.keyboard.press("Escape");
  await lightbox.waitFor({ state: "hidden" });
  assert.equal(await page.locator('.tile[data-state="done"]').count(), 1);
});
