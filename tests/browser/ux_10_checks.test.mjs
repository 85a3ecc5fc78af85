// UX-10, UX-11, UX-20: what cannot be taken is named, in the same words by script, page and JSON.

import { heavy, heic, small, text } from "./support/photos.mjs";
import { assert, openGallery, test } from "./support/suite.mjs";

test("UX-10 a photo that is too big is named with the limit, never sent, and the good one goes", { server: "idle" }, async ({ page }) => {
  await openGallery(page);
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  const big = { ...small("cat-big.jpg"), buffer: Buffer.concat([small().buffer, Buffer.alloc(11_000_000)]) };
  await page.setInputFiles("#file", [big, small("good.png")]);
  await page.locator(".tile[data-photo-id]").waitFor();
  const alert = await page.locator("#alert").textContent();
  assert.match(alert, /^cat-big\.jpg is 11\.1 MB\. Photos can be up to 10 MB\.$/);
  assert.equal(sent.length, 1);
  assert.equal(await page.locator(".tile").getAttribute("data-name"), "good.png");
  assert.equal(await page.locator("#file").getAttribute("aria-invalid"), "true");
});

test("UX-10 too many photos, empty ones and other kinds are refused in words", { server: "idle" }, async ({ page }) => {
  await openGallery(page);
  for (const [files, sentence] of [
    [[...Array(21)].map((_, i) => small(`${i}.png`)), "You can add 20 photos at a time. You chose 21."],
    [[{ ...small("empty.png"), buffer: Buffer.alloc(0) }], "empty.png isn't a JPEG, PNG, WebP or GIF image."],
    [[text("a‮gpj.exe")], "a�gpj.exe isn't a JPEG, PNG, WebP or GIF image."],
    [[text(`${"n".repeat(60)}.jpg`)], `${"n".repeat(20)}…${"n".repeat(15)}.jpg isn't a JPEG, PNG, WebP or GIF image.`],
  ]) {
    await page.setInputFiles("#file", files);
    await page.waitForFunction((words) => document.getElementById("alert").textContent === words, sentence);
  }
  await page.getByRole("button", { name: "Dismiss the message" }).click();
  assert.equal(await page.locator("#alert").isVisible(), false);
  assert.equal(await page.locator(".tile, #queue > li").count(), 0);
});

test("UX-11 UX-20 script, page and JSON use one sentence", { server: "idle", allow: [/41[35]/] }, async ({ server, context, page }) => {
  const heicSentence = "HEIC isn't supported. On iPhone choose Settings › Camera › Most Compatible, or export as JPEG.";
  const big = { ...heavy("big.png", 10.8e6) };
  for (const [file, status, sentence] of [
    [text("notes.jpg"), 415, "notes.jpg isn't a JPEG, PNG, WebP or GIF image."],
    [heic(), 415, heicSentence],
    [big, 413, `big.png is ${(Math.ceil(big.buffer.length / 1e5) / 10).toFixed(1)} MB. Photos can be up to 10 MB.`],
  ]) {
    await openGallery(page);
    await page.setInputFiles("#file", [file]);
    await page.waitForFunction((words) => document.getElementById("alert").textContent === words, sentence);

    const answer = await context.request.post("/api/images", { multipart: { file } });
    assert.equal(answer.status(), status);
    const problem = await answer.json();
    assert.deepEqual([problem.detail, problem.violations[0].title], [sentence, sentence]);

    const plain = await (await page.context().browser().newContext({ baseURL: server.url, javaScriptEnabled: false })).newPage();
    await plain.goto("/");
    await plain.setInputFiles("#file", [file]);
    await plain.click("text=Upload");
    await plain.locator("#file-error").waitFor();
    assert.equal(await plain.locator("#file-error li").textContent(), sentence);
    assert.equal(await plain.locator("#file").getAttribute("aria-invalid"), "true");
    assert.match(await plain.locator("#file").getAttribute("aria-describedby"), /file-error/);
    await plain.context().close();
  }
});

test("UX-11 a file that only the server can judge is refused on its row, in the server's words", { server: "idle", allow: [/422/] }, async ({ page }) => {
  await openGallery(page);
  const whole = small("half.png");
  await page.setInputFiles("#file", [{ ...whole, buffer: whole.buffer.subarray(0, 200) }]);
  const row = page.locator('#queue > li[data-state="failed"]');
  await row.waitFor();
  assert.equal(await row.locator(".upload-words").textContent(), "half.png seems cut off. Try uploading it again.");
  assert.equal(await page.locator(".tile").count(), 0);
  await page.getByRole("button", { name: "Dismiss half.png" }).click();
  assert.equal(await page.locator("#queue").isVisible(), false);
});

test("UX-11 a full gallery says so on the row, and takes the photo once there is room", { server: { worker: false, env: { PHOTO_QUOTA: "1" } }, allow: [/422/] }, async ({ page }) => {
  await openGallery(page);
  await page.setInputFiles("#file", [small("first.png")]);
  await page.locator(".tile[data-photo-id]").waitFor();
  await page.setInputFiles("#file", [small("second.png")]);
  const row = page.locator('#queue > li[data-state="failed"]');
  await row.getByText("Your gallery is full (1 of 1). Delete some photos to make room.").waitFor();
  assert.equal(await page.locator(".tile").count(), 1);
  const id = await page.evaluate(async () => {
    const { photoId } = document.querySelector(".tile").dataset;
    await fetch(`/api/images/${photoId}`, { method: "DELETE" });
    return photoId;
  });
  await page.locator(`#photo-${id}`).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Retry second.png" }).click();
  await page.locator('.tile[data-photo-id][data-name="second.png"]').waitFor();
});
