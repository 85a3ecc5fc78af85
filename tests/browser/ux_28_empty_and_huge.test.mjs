// UX-28: nothing, one photo, five thousand.

import { small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

const PHOTOS = 5000;

/// Makes many photos of one, past the program.
function multiply(server, id) {
  const columns = server.sql("SELECT name FROM pragma_table_info('image_post')").flat().filter((name) => name !== "id" && name !== "idempotency_key");
  const older = "'01900000-0000-7000-8000-' || printf('%012x', n)";
  server.sql(
    `INSERT INTO image_post (id, ${columns}) WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${PHOTOS - 1})
     SELECT ${older}, ${columns} FROM image_post, numbers WHERE id = ?`, id);
}

async function firstBytes(page, times) {
  const taken = [];
  for (let n = 0; n < times; n += 1) {
    await page.goto("/");
    taken.push(await page.evaluate(() => {
      const [{ responseStart, requestStart }] = performance.getEntriesByType("navigation");
      return responseStart - requestStart;
    }));
  }
  return taken.sort((a, b) => a - b);
}

test("UX-28 an empty gallery shows the sleeping Ponka and the form, and wakes up with the first photo", { server: "working" }, async ({ page }) => {
  await openGallery(page);
  assert.equal(await page.getByText("Ponka is asleep").isVisible(), true);
  assert.equal(await page.locator("#upload-form").isVisible(), true);
  await page.setInputFiles("#file", [small()]);
  await page.locator(".tile").waitFor();
  assert.equal(await page.getByText("Ponka is asleep").isVisible(), false);
});

test("UX-28 five thousand photos: pages of sixty, quick, joined by the script and without it", { server: { worker: true } }, async ({ server, context, page }) => {
  await openGallery(page);
  const { id } = await upload(context, small());
  await page.locator('.tile[data-state="done"]').waitFor();
  // A debug build reads and compiles the templates for each page.
  const patience = process.env.PONKA_BIN?.includes("/release/") ? 100 : 1000;
  const one = await firstBytes(page, 10);
  multiply(server, id);
  const many = await firstBytes(page, 20);
  assert.ok(one.at(-1) < patience && many[18] < patience, `first bytes after ${one} and ${many} ms`);
  await openGallery(page);
  assert.equal(await page.locator(".tile").count(), 60);
  await page.getByRole("link", { name: "Older photos" }).click();
  await page.locator(".tile").nth(119).waitFor();
  assert.equal(new URL(page.url()).search, "");
  assert.equal(await page.evaluate(() => document.activeElement.closest(".tile") === document.querySelectorAll(".tile")[60]), true);
  await page.getByRole("link", { name: "Older photos" }).click();
  await page.locator(".tile").nth(179).waitFor();

  const plain = await (await context.browser().newContext({ storageState: await context.storageState(), baseURL: server.url, javaScriptEnabled: false })).newPage();
  await plain.goto("/");
  await plain.getByRole("link", { name: "Older photos" }).click();
  await plain.waitForURL(/cursor=/);
  assert.equal(await plain.locator(".tile").count(), 60);
  await plain.context().close();
});
