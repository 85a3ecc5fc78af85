// SEC-03, SEC-07, SEC-13, SEC-21: what only a browser can tell about hostile files, names and sites.

import { createServer } from "node:http";

import { register, signIn } from "./support/account.mjs";
import { cat, small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

/// Another site, while `run` looks at it.
async function withOtherSite(html, run) {
  const site = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
  await new Promise((resolve) => site.listen(0, "127.0.0.2", resolve));
  try {
    await run(`http://127.0.0.2:${site.address().port}/`);
  } finally {
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));
  }
}

const noDialogs = (page) => {
  const dialogs = [];
  page.on("dialog", (dialog) => (dialogs.push(dialog.message()), dialog.dismiss()));
  return dialogs;
};

test("SEC-03 a photo with HTML in it is only ever a picture", { server: "working", allow: [/Applying inline style|Blocked script execution/] }, async ({ context, page }) => {
  // Chromium's own viewer of pictures complains that the page around the picture is so strict.
  const dialogs = noDialogs(page);
  const html = Buffer.from("<script>alert(1)</script><html><body onload=alert(2)>");
  const { buffer } = cat();
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, html.length + 2]), html]);
  await page.goto("/");
  const image = await upload(context, { ...cat("polyglot.jpg"), buffer: Buffer.concat([buffer.subarray(0, 2), comment, buffer.subarray(2), html]) });
  await openGallery(page);
  await page.locator('.tile[data-state="done"]').waitFor();
  const done = await (await context.request.get(image["@id"])).json();
  for (const url of [done.url, done.thumbnailUrl]) {
    const response = await page.goto(url);
    assert.match(response.headers()["content-type"], /^image\/(jpeg|webp|png)$/);
    assert.equal((await response.body()).includes("<script"), false);
    assert.equal(await page.evaluate(() => document.images.length), 1);
  }
  assert.deepEqual(dialogs, []);
});

test("SEC-13 hostile names are shown as text, everywhere, and nothing runs", { server: "working" }, async ({ context, page }) => {
  const dialogs = noDialogs(page);
  const names = ["\"><img src=x onerror=alert(1)>.jpg", "<script>alert(1)<b>.jpg", "{{7*7}}.jpg", "' onfocus=alert(1) autofocus '.jpg", "‮gpj.exe.jpg"];
  await openGallery(page);
  await page.setInputFiles("#file", names.map((name) => small(name)));
  await page.locator('.tile[data-state="done"]').nth(names.length - 1).waitFor();
  const shown = await page.locator(".tile").evaluateAll((tiles) => tiles.map(({ dataset }) => dataset.name));
  // A browser writes quotes of a file name as %22.
  const expected = names.map((name) => name.replace("‮", "�").replaceAll("\"", "%22"));
  assert.deepEqual(shown.map((name) => name.replaceAll("\"", "%22")).sort(), expected.sort());
  for (let n = 0; n < names.length; n += 1) {
    const tile = page.locator(".tile").nth(n);
    const name = await tile.getAttribute("data-name");
    await tile.locator(".tile-photo").click();
    await page.locator("#lightbox[open]").waitFor();
    assert.equal(await page.locator("#lightbox-title").textContent(), name);
    await page.keyboard.press("Escape");
    await page.locator("#lightbox").waitFor({ state: "hidden" });
    await tile.locator(".delete button").click();
    assert.equal(await page.locator("#undo [role=status]").textContent(), `Deleted ${name}.`);
    await page.locator("#undo button").click();
  }
  const own = await page.locator(".tile-photo").evaluateAll((links) => links.map(({ href }) => href));
  for (const address of own) {
    await page.goto(address);
    assert.ok(shown.includes(await page.locator("h1").textContent()));
  }
  assert.deepEqual(dialogs, []);
});

test("SEC-13 nor do hostile names run in the pages for developers", { server: { env: { APP_ENV: "dev", PONKA_SLEEP_MS: "0" } } }, async ({ context, page }) => {
  const dialogs = noDialogs(page);
  const name = "\"><img src=x onerror=alert(1)>{{7*7}}<script>alert(2)</script>";
  await register(page, { name, email: "eve@example.org", password: "nine grey tabbies yawn" });
  await upload(context, small(`' onfocus=alert(3) autofocus '<b>.png`));
  const look = async (path) => {
    await page.goto(path);
    const found = await page.locator("[onerror], [onfocus], img[src=x]").count();
    assert.equal(found, 0, path);
    return (await page.locator("body").textContent()).includes(name);
  };
  const shown = [];
  await page.goto("/dev/mailbox");
  await page.locator("#mails a").click();
  const mail = new URL(page.url()).pathname;
  for (const tab of ["html", "text", "source", "headers", "raw", "links"]) shown.push(await look(`${mail}?tab=${tab}`));
  shown.push(await look("/dev/mailbox"));
  await look("/_profiler");
  const profiles = await page.locator("tr", { hasText: "POST" }).getByRole("link").evaluateAll((links) => links.map(({ href }) => href));
  const paths = [...new Set(profiles.map((link) => new URL(link).pathname))];
  assert.ok(paths.length >= 2, `${paths}`);
  for (const path of paths) {
    for (const panel of ["request", "messages", "emails", "sql", "logs", "timeline"]) shown.push(await look(`${path}?panel=${panel}`));
  }
  assert.ok(shown.filter(Boolean).length >= 2, `the name is shown as it is: ${shown}`);
  assert.deepEqual(dialogs, []);
});

test("SEC-13 only one Trusted Types policy exists, and a script cannot make another", { server: "idle", allow: [/TrustedTypePolicy|TrustedHTML/] }, async ({ page }) => {
  await openGallery(page);
  const refused = await page.evaluate(() => {
    const attempts = [() => trustedTypes.createPolicy("ponka", {}), () => new DOMParser().parseFromString("<b>", "text/html"), () => (document.body.innerHTML = "<b>")];
    return attempts.map((attempt) => {
      try {
        attempt();
        return false;
      } catch (error) {
        return error instanceof TypeError;
      }
    });
  });
  assert.deepEqual(refused, [true, true, true]);
});

test("SEC-07 another site can neither add photos nor sign anybody out", { server: { worker: false }, allow: [/403/, /Cross-Origin/] }, async ({ server, page }) => {
  await register(page);
  await signIn(page);
  const rows = () => server.sql("SELECT (SELECT count(*) FROM image_post), (SELECT count(*) FROM session), (SELECT count(*) FROM messenger_messages)");
  const before = rows();
  const photo = small().buffer.toString("base64");
  const html = (path) => `<form method="post" enctype="multipart/form-data" action="${server.url}${path}"><input type="file" name="file"></form>
    <script>const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob("${photo}"), (c) => c.charCodeAt(0))], "evil.png", { type: "image/png" }));
    document.querySelector("input").files = transfer.files;
    document.forms[0].submit();</script>`;
  for (const path of ["/images", "/logout"]) {
    await withOtherSite(html(path), async (address) => {
      const [answer] = await Promise.all([page.waitForResponse(`${server.url}${path}`), page.goto(address)]);
      assert.equal(answer.status(), 403, path);
    });
  }
  await page.goto("/account");
  assert.equal(new URL(page.url()).pathname, "/account");
  assert.deepEqual(rows(), before);
});

test("SEC-21 another site can neither frame us, nor show our photos, nor keep a hold on our window", { server: "working", allow: [/./] }, async ({ server, context, page }) => {
  await page.goto("/");
  const { url } = await upload(context, small());
  const html = `<iframe src="${server.url}/"></iframe><img src="${server.url}${url}">
    <script>const seen = {}; const image = document.images[0];
    image.onload = () => (seen.image = "shown"); image.onerror = () => (seen.image = "blocked");</script>`;
  await withOtherSite(html, async (address) => {
    await page.goto(address);
    await page.waitForFunction("seen.image");
    assert.equal(await page.evaluate("seen.image"), "blocked");
    const frame = page.frames()[1];
    assert.equal(await frame.locator("#upload-form").count(), 0);
    const popup = page.waitForEvent("popup");
    await page.evaluate((address) => (globalThis.handle = open(address)), `${server.url}/`);
    await (await popup).waitForLoadState();
    await page.waitForFunction("handle.closed");
  });
});
