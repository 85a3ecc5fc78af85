// UX-13: the page follows each photo, within half a second and never backwards.

import { small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

const ORDER = ["queued", "processing", "done"];

test("UX-13 fifty photos become done within 500 ms of their commit, without going back", { server: { worker: true } }, async ({ context, page }) => {
  await openGallery(page);
  await page.evaluate(() => {
    globalThis.states = {};
    const look = () => {
      for (const { dataset } of document.querySelectorAll(".tile[data-photo-id]")) {
        const past = (globalThis.states[dataset.photoId] ??= []);
        if (past.at(-1)?.state !== dataset.state) past.push({ state: dataset.state, at: Date.now() });
      }
    };
    new MutationObserver(look).observe(document.getElementById("gallery"), { subtree: true, childList: true, attributeFilter: ["data-state"] });
  });
  const ids = [];
  for (let n = 0; n < 50; n += 1) ids.push((await upload(context, small(`${n}.png`))).id);
  await page.waitForFunction(() => document.querySelectorAll('.tile[data-state="done"]').length === 50, null, { timeout: 30_000 });
  const states = await page.evaluate(() => globalThis.states);
  const late = [];
  for (const id of ids) {
    const ranks = states[id].map(({ state }) => ORDER.indexOf(state));
    assert.deepEqual(ranks, ranks.toSorted(), JSON.stringify(states[id]));
    const image = await (await context.request.get(`/api/images/${id}`)).json();
    late.push(states[id].at(-1).at - Date.parse(image.ponkaAddedAt));
  }
  late.sort((a, b) => a - b);
  assert.ok(late[47] < 500, `milliseconds: ${late}`);
  assert.equal(await page.evaluate(() => performance.getEntriesByType("navigation").length), 1);
});

test("UX-13 a waiting photo shows each step to somebody who watches", { server: { worker: false, env: { PONKA_SLEEP_MS: "400" } } }, async ({ server, page }) => {
  await openGallery(page);
  await page.setInputFiles("#file", [small("cat.png")]);
  await page.locator('.tile[data-state="queued"] >> text=Ponka is napping. Check back soon.').waitFor();
  const consumed = server.consume(1);
  await page.locator('.tile[data-state="processing"] >> text=Ponka is at work…').waitFor();
  await page.locator('.tile[data-state="done"] >> text=Ponka visited your photo').waitFor();
  await page.locator('#status >> text=1 photo ready.').waitFor();
  await consumed;
});

test("UX-13 a photo's own page follows it too, and keeps what is being typed", { server: { worker: false } }, async ({ server, context, page }) => {
  await page.goto("/");
  const { id } = await upload(context, small());
  await openGallery(page, `/images/${id}`);
  await page.fill("#alt", "A cat, half ty");
  await server.consume(1);
  await page.locator('article[data-state="done"] >> text=Ponka visited your photo').waitFor();
  assert.equal(await page.inputValue("#alt"), "A cat, half ty");
});

test("UX-13 a photo that is deleted elsewhere takes its page along, but not what is being typed", { server: "idle", allow: [/404/] }, async ({ context, page }) => {
  await page.goto("/");
  const two = [await upload(context, small()), await upload(context, small())];
  for (const [{ id }, draft] of [[two[0], "A cat, half ty"], [two[1], undefined]]) {
    await openGallery(page, `/images/${id}`);
    if (draft) await page.fill("#alt", draft);
    await page.evaluate((own) => fetch(`/api/images/${own}`, { method: "DELETE" }), id);
    if (draft) await page.getByText("This photo was deleted elsewhere.").waitFor();
    else await page.waitForURL(/\/$/);
    if (draft) assert.equal(await page.inputValue("#alt"), draft);
  }
});
