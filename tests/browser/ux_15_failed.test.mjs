// UX-15: a photo that failed says why and offers a way on.

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

test("UX-15 a failed photo can be deleted instead", { server: { retries: 0, env: { FAULT_ADD_PONKA: "always" } } }, async ({ page }) => {
  await openGallery(page);
  await page.setInputFiles("#file", [small("cat.png")]);
  await page.locator('.tile[data-state="failed"] >> text=Ponka is having a moment').waitFor();
  await page.getByRole("button", { name: "Delete cat.png" }).click();
  await page.getByText("Deleted cat.png.").waitFor();
  assert.equal(await page.locator(".tile:visible").count(), 0);
});
