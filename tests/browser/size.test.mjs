// The page stays light: what a browser really receives for it, as compressed as it comes.

import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";

import { cat } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

const KB = 1024;
const PHOTOS = 60; // on a page

const parts = readdirSync(new URL("../../public/gallery", import.meta.url));

// The bytes of the bodies of this page's files with this ending, and how each is encoded.
async function received(page, ending) {
  const files = await page.evaluate((end) => performance.getEntriesByType("resource")
    .filter(({ name }) => new URL(name).pathname.endsWith(end))
    .map(({ name, encodedBodySize }) => [name, encodedBodySize]), ending);
  for (const [name] of files) {
    const encoding = await page.evaluate(async (url) => (await fetch(url)).headers.get("content-encoding"), name);
    assert.equal(encoding, "br", name);
  }
  assert.ok(files.every(([, size]) => size > 0), JSON.stringify(files));
  return { files: files.length, bytes: files.reduce((sum, [, size]) => sum + size, 0) };
}

test("the scripts of the gallery have at most 15 KB together, its style 10 KB", { server: "idle" }, async ({ page }) => {
  await openGallery(page);
  const [scripts, styles] = [await received(page, ".js"), await received(page, ".css")];
  assert.deepEqual([scripts.files, styles.files], [1 + parts.length, 1]);
  assert.ok(scripts.bytes <= 15 * KB, `scripts: ${scripts.bytes} bytes`);
  assert.ok(styles.bytes <= 10 * KB, `style: ${styles.bytes} bytes`);
});

// As many different photos like this one, past the program: nothing of one repeats in another.
function multiply(server, id) {
  const [names, [row]] = [server.sql("SELECT name FROM pragma_table_info('image_post')").flat(), server.sql("SELECT * FROM image_post WHERE id = ?", id)];
  const photo = Object.fromEntries(names.map((name, i) => [name, row[i]]));
  const unlike = (text) => text?.replace(/[0-9a-f]{32}/g, () => randomBytes(16).toString("hex"));
  const copies = Array.from({ length: PHOTOS - 1 }, (_, i) => ({
    ...photo,
    id: `${id.slice(0, 24)}${randomBytes(6).toString("hex")}`,
    original_filename: `A photo with quite a name, ${i}.jpg`,
    ...Object.fromEntries(["media", "thumbnail", "small", "large"].map((name) => [name, unlike(photo[name])])),
    // The first bytes say how long the others are.
    placeholder: photo.placeholder.slice(0, 8) + randomBytes(64).toString("base64").slice(0, photo.placeholder.length - 8),
  }));
  server.sql(`INSERT INTO image_post (${names}) VALUES (${names.map(() => "?")})`, ...copies.map((copy) => names.map((name) => copy[name])));
}

test("the gallery with a whole page of photos has at most 60 KB", { server: { env: { PONKA_SLEEP_MS: "0" } } }, async ({ server, context, page }) => {
  await openGallery(page);
  const { id } = await upload(context, cat());
  await page.locator('.tile[data-state="done"]').waitFor();
  multiply(server, id);
  await page.reload();
  assert.equal(await page.locator('.tile[data-state="done"] .placeholder').count(), PHOTOS);
  const { encodedBodySize, decodedBodySize } = await page.evaluate(() => performance.getEntriesByType("navigation")[0].toJSON());
  assert.ok(encodedBodySize < decodedBodySize / 2, `${encodedBodySize} of ${decodedBodySize} bytes`);
  assert.ok(encodedBodySize <= 60 * KB, `${encodedBodySize} bytes`);
});
