// UX-24: the page fits every screen, and no picture is larger than it needs to be.

import { register, signIn, vera } from "./support/account.mjs";
import { cat, portrait, small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

test("UX-24 nothing is wider than the screen, and pictures are at most twice their tile", { server: "working" }, async ({ server, context, page }) => {
  await page.goto("/");
  for (const photo of [cat(), portrait(), cat("b.jpg"), cat("c.jpg"), portrait("d.jpg")]) await upload(context, photo);
  await openGallery(page);
  await page.locator('.tile[data-state="done"]').nth(4).waitFor();
  const storageState = await context.storageState();
  for (const width of [320, 768, 1440, 3840]) {
    // A context of its own: a browser that has a larger picture already takes that.
    const own = await context.browser().newContext({ baseURL: server.url, storageState, viewport: { width, height: 900 } });
    const page = await own.newPage();
    await page.goto("/");
    await page.waitForFunction(() => [...document.querySelectorAll(".print")].slice(0, 2).every(({ complete, currentSrc }) => complete && currentSrc));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${width} px`);
    const chosen = await page.locator(".print").evaluateAll((images) => images.filter(({ currentSrc }) => currentSrc).map((image) => {
      const entry = image.srcset.split(", ").find((part) => image.currentSrc.endsWith(part.split(" ")[0]));
      return [parseInt(entry?.split(" ")[1] ?? image.naturalWidth, 10), image.closest(".tile").offsetWidth];
    }));
    for (const [pixels, tile] of chosen) assert.ok(pixels <= 2 * tile, `${pixels} pixels for a tile of ${tile} at ${width}`);
    await own.close();
  }
});

test("UX-24 photos far below the window are not loaded", { server: "working", context: { viewport: { width: 320, height: 600 } } }, async ({ context, page }) => {
  await context.request.get("/");
  for (let n = 0; n < 25; n += 1) await upload(context, small(`${n}.png`));
  await page.goto("/", { waitUntil: "networkidle" });
  const tiles = await page.locator(".tile .print").evaluateAll((images) => images.map(({ complete, currentSrc }) => complete && currentSrc !== ""));
  assert.equal(tiles[0], true);
  assert.equal(tiles.at(-1), false, "the last photo is 20 screens further down");
});

test("UX-24 nothing scrolls sideways at 320 px, on no page", { server: { worker: false, retries: 0, env: { FAULT_ADD_PONKA: "always" } }, context: { viewport: { width: 320, height: 640 } }, allow: [/404/] }, async ({ server, context, page }) => {
  const check = async (path) => {
    await page.goto(path);
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window, `${path}: ${wide} px`);
  };
  const person = { ...vera, name: "Wilhelmina Featherstonehaugh-Cholmondeley" };
  for (const path of ["/", "/login", "/register"]) await check(path);
  await register(page, person);
  await check("/register/done");
  await signIn(page, person);
  const { id } = await upload(context, small(`${"a-very-long-name-without-a-space".repeat(5)}.png`));
  const failed = (await upload(context, small("failed.png"))).id;
  await server.console("messenger:consume", "async_priority_high", "--limit=2", "--time-limit=20");
  await check("/");
  assert.equal(await page.locator('.tile[data-state="failed"]').count(), 2);
  for (const path of ["/account", `/images/${id}`, `/images/${failed}`, "/nothing-here"]) await check(path);
});
