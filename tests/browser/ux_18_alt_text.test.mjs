// UX-18: every picture has words, and they can be better ones.

import { cat, small } from "./support/photos.mjs";
import { assert, eventually, openGallery, test, upload } from "./support/suite.mjs";

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

test("UX-18 better words for a photo that is ready do not make it ready once more", { server: "working" }, async ({ context, page }) => {
  await page.clock.install();
  await page.goto("/");
  const { id } = await upload(context, small("small.png"));
  await eventually(async () => (await (await context.request.get(`/api/images/${id}`)).json()).status === "done", "Ponka");
  await openGallery(page);
  for (const alt of ["Coloured noise", "Boldly coloured noise"]) {
    await context.request.put(`/api/images/${id}/alt`, { data: { alt } });
    await page.waitForFunction(([own, words]) => document.querySelector(`#photo-${own} .print`).alt === words, [id, alt]);
    for (const milliseconds of [2_000, 2_000]) await page.clock.fastForward(milliseconds);
    assert.equal(await page.locator("#status").textContent(), "");
  }
});

test("UX-18 a description goes to the photo under which it was typed", { server: "idle" }, async ({ context, page }) => {
  await page.goto("/");
  const ids = [];
  for (const name of ["one.png", "two.png"]) ids.push((await upload(context, small(name))).id);
  await openGallery(page);
  await page.locator(`#photo-${ids[1]} .tile-photo`).click();
  const field = page.getByLabel("What is in the photo?");
  await field.fill("Coloured noise");
  // A finger leaves the focus where it is.
  const swipe = (clientX, type) => page.locator(".lightbox-stage").dispatchEvent(type, { isPrimary: true, pointerType: "touch", clientX });
  await swipe(300, "pointerdown");
  await swipe(100, "pointerup");
  await page.waitForURL(`**/images/${ids[0]}`);
  assert.notEqual(await field.inputValue(), "Coloured noise");

  let answer;
  await page.route("**/alt", (route) => (answer = () => route.continue()));
  await field.fill("Grey noise");
  await page.keyboard.press("Enter");
  await eventually(() => answer !== undefined, "the request");
  await page.getByRole("button", { name: "Newer photo" }).click();
  await answer();
  await page.waitForFunction((id) => document.querySelector(`#photo-${id} .print`).alt === "Grey noise", ids[0]);
  assert.notEqual(await page.locator(".lightbox-image").getAttribute("alt"), "Grey noise");
});
