// UX-16: everything goes without a mouse, and the focus is never lost.

import { cat, small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

const focused = (page) => page.evaluate(() => {
  const { activeElement: element } = document;
  return `${element.tagName} ${element.id || element.getAttribute("aria-label") || element.closest(".tile")?.dataset.name || element.textContent.trim()}`;
});

async function tabTo(page, what) {
  for (let n = 0; n < 40; n += 1) {
    await page.keyboard.press("Tab");
    if (what.test(await focused(page))) return;
  }
  assert.fail(`Tab does not reach ${what}`);
}

test("UX-16 upload, look, delete and undo by keyboard alone", { server: "working" }, async ({ page }) => {
  page.on("filechooser", (chooser) => chooser.setFiles([cat("one.jpg"), small("two.png"), small("three.png")]));
  await openGallery(page);
  await tabTo(page, /^INPUT file$/);
  await page.keyboard.press("Enter");
  await page.locator('.tile[data-state="done"]').nth(2).waitFor();

  await tabTo(page, /^A .*\.(jpg|png)$/);
  const names = await page.locator(".tile").evaluateAll((tiles) => tiles.map(({ dataset }) => dataset.name));
  assert.equal(await focused(page), `A ${names[0]}`);
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), `A ${names[1]}`);
  await page.keyboard.press("End");
  assert.equal(await focused(page), `A ${names[2]}`);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await focused(page), `A ${names[0]}`, "there is nothing further left");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(ring, "none");

  await page.keyboard.press("Enter");
  await page.locator("#lightbox[open]").waitFor();
  assert.equal(await focused(page), "BUTTON Close");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("#lightbox-title").textContent(), names[1]);
  await page.keyboard.press("Escape");
  await page.locator("#lightbox").waitFor({ state: "hidden" });
  assert.equal(await focused(page), `A ${names[1]}`);

  await page.keyboard.press("Delete");
  assert.equal(await focused(page), `BUTTON Undo deleting ${names[1]}`);
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), `A ${names[1]}`);

  await tabTo(page, new RegExp(`^BUTTON Delete ${names[1]}$`));
  await page.keyboard.press("Space");
  assert.equal(await focused(page), `BUTTON Undo deleting ${names[1]}`);
  await page.locator(".tile").nth(2).waitFor({ state: "detached", timeout: 14_000 });
  assert.match(await focused(page), new RegExp(`^A ${names[2]}$`));
});

test("UX-16 a question mark lists the keys, and single keys do nothing outside of the gallery", { server: "working" }, async ({ context, page }) => {
  await page.goto("/");
  await upload(context, small());
  await openGallery(page);
  await page.locator('.tile[data-state="done"]').waitFor();
  await page.locator(".brand").focus();
  for (const key of ["?", "d", "Delete"]) await page.keyboard.press(key);
  assert.equal(await page.locator("dialog[open], #undo > li").count(), 0);
  await page.locator(".tile-photo").focus();
  await page.keyboard.press("?");
  await page.locator("#shortcuts[open]").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "A small.png");
});

test("UX-16 the gallery is one stop for Tab", { server: "working" }, async ({ context, page }) => {
  await page.goto("/");
  for (let n = 0; n < 3; n += 1) await upload(context, small(`${n}.png`));
  await openGallery(page);
  await page.locator('.tile[data-state="done"]').nth(2).waitFor();
  await page.locator(".tile-photo").nth(1).focus();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "BUTTON Delete 1.png");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "BUTTON Keyboard shortcuts");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "A 1.png");
});
