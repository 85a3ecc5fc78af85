// UX-05, UX-06: progress that is true, of each photo and in words of all.

import { heavy, small } from "./support/photos.mjs";
import { assert, openGallery, test } from "./support/suite.mjs";

test("UX-05 UX-06 progress never goes back, says Saving at the end, and the sum speaks once a second", { server: "working" }, async ({ context, page }) => {
  await openGallery(page);
  await page.evaluate(() => {
    globalThis.seen = { values: [], words: [], said: [], bytes: [] };
    const { seen } = globalThis;
    setInterval(() => {
      const row = document.querySelector("#queue > li");
      if (row?.querySelector(".upload-name").textContent !== "big.png") return;
      seen.values.push(row.querySelector("progress").value);
      seen.words.push(row.querySelector(".upload-words").textContent);
    }, 10);
    const sum = document.querySelector("#status + .hint");
    new MutationObserver(() => seen.bytes.push(sum.textContent)).observe(sum, { childList: true });
    new MutationObserver(() => seen.said.push([performance.now(), document.getElementById("status").textContent]))
      .observe(document.getElementById("status"), { childList: true, characterData: true, subtree: true });
  });
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: 1e6, uploadThroughput: 250e3 });
  await page.setInputFiles("#file", [heavy("big.png", 900e3), ...[1, 2, 3, 4].map((n) => small(`${n}.png`))]);
  await page.locator(".tile[data-photo-id]").nth(4).waitFor({ timeout: 30_000 });
  await page.waitForFunction(() => globalThis.seen.said.at(-1)?.[1].endsWith("ready."));
  const { values, words, said, bytes } = await page.evaluate(() => globalThis.seen);
  assert.deepEqual(values, values.toSorted((a, b) => a - b));
  const between = new Set(values.filter((value) => value > 0 && value < 100));
  assert.ok(between.size >= 3, `only ${[...between]}`);
  assert.ok(words.includes("Saving…"), "Saving… was never shown");
  const sums = said.filter(([, text]) => / of 5 uploaded/.test(text));
  assert.ok(sums.length >= 2 && sums.every(([, text]) => /^\d of 5 uploaded$/.test(text)), JSON.stringify(sums));
  const total = bytes.at(-2).split(" of ")[1];
  assert.ok(bytes.length >= 4 && bytes.slice(0, -1).every((text) => /^\d\.\d MB of \d\.\d MB$/.test(text)), JSON.stringify(bytes));
  assert.deepEqual(bytes.slice(-2), [`${total} of ${total}`, ""]);
  said.slice(1).forEach(([at], i) => assert.ok(at - said[i][0] > 950, `${JSON.stringify(said)}`));
});
