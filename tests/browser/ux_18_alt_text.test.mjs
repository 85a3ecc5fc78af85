// UX-18: every picture has words, and they can be better ones.

import { cat, small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

test("UX-18 no picture is without words or with its file name alone, and better words stay", { server: "working" }, async ({ context, page }) => {
  await page.goto("/");
  await upload(context, cat("DSC_0001.JPG"));
  const { id } = await upload(context, small("small.png"));
  await openGallery(page);
  await page.locator('.tile[data-state="done"]').nth(1).waitFor();
  const alts = await page.locator("#gallery img").evaluateAll((images) => images.map(({ alt }) => alt));
  assert.ok(alts.length >= 2 && alts.every((alt) => alt.length > "DSC_0001.JPG".length && /added/.test(alt)), `${alts}`);

  await page.locator(`#photo-${id} .tile-photo`).click();
  await page.getByLabel("What is in the photo?").fill("Noise, <b>boldly</b> coloured");
  await page.keyboard.press("Enter");
  await page.getByText("The description is saved.").first().waitFor();
  assert.equal(await page.locator(`#photo-${id} .print`).getAttribute("alt"), "Noise, <b>boldly</b> coloured");
  await page.goto("/");
  assert.equal(await page.locator(`#photo-${id} .print`).getAttribute("alt"), "Noise, <b>boldly</b> coloured");
});

test("UX-18 a description can be written without a script", { server: "idle", context: { javaScriptEnabled: false } }, async ({ context, page }) => {
  await page.goto("/");
  const { id } = await upload(context, small("small.png"));
  await page.goto(`/images/${id}`);
  await page.fill("#alt", "Coloured noise");
  await page.click("text=Save");
  await page.goto(`/images/${id}`);
  assert.equal(await page.locator(".photo-frame .print").getAttribute("alt"), "Coloured noise");
});
