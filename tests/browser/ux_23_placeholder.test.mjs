// UX-23: something of each photo is there at once, and nothing jumps.

import { cat, portrait } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

test("UX-23 while the photo is still on its way its blurred colours are there", { server: "working" }, async ({ context, page }) => {
  await page.goto("/");
  await upload(context, cat());
  await page.route("**/media/**", () => {});
  await page.goto("/", { waitUntil: "commit" });
  const placeholder = page.locator('.tile img.placeholder[src^="data:image/png"]');
  await placeholder.waitFor();
  assert.equal(await placeholder.evaluate((image) => image.decode().then(() => image.naturalWidth > 0 && image.naturalWidth <= 32)), true);
});

for (const width of [360, 1200]) {
  test(`UX-23 nothing jumps at ${width} px, not while the page loads nor at twenty live updates`, { server: { worker: false }, context: { viewport: { width, height: 900 } } }, async ({ server, context, page }) => {
    await context.addInitScript(() => {
      globalThis.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value, hadRecentInput }) => (globalThis.shift += hadRecentInput ? 0 : value)))
        .observe({ type: "layout-shift", buffered: true });
    });
    await page.goto("/");
    for (let n = 0; n < 20; n += 1) await upload(context, n % 2 === 0 ? cat(`${n}.jpg`) : portrait(`${n}.jpg`));
    await openGallery(page);
    await server.consume(20);
    await page.waitForFunction(() => document.querySelectorAll('.tile[data-state="done"]').length === 20);
    await page.locator("#status >> text=ready").waitFor();
    const shift = await page.evaluate(() => globalThis.shift);
    assert.ok(shift < 0.05, `cumulative layout shift ${shift}`);
  });
}
