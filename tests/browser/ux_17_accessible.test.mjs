// UX-17, UX-25: axe-core finds nothing on any page, in either theme; the two themes differ; nothing
// moves for those who want that.

import { cat, small, text } from "./support/photos.mjs";
import { assert, openGallery, test, upload, violations } from "./support/suite.mjs";

for (const colorScheme of ["light", "dark"]) {
  const context = { colorScheme };
  const pages = ["/", "/login", "/register", "/account", "/nothing-here", "/images/00000000-0000-7000-8000-000000000000"];
  test(`UX-17 axe-core finds nothing on the ${colorScheme} pages`, { server: "idle", context, allow: [/404/] }, async ({ page }) => {
    for (const path of pages) {
      await page.goto(path);
      assert.deepEqual(await violations(page), [], path);
    }
  });

  test(`UX-17 nor in any state of the ${colorScheme} gallery`, { server: { retries: 0, env: { FAULT_ADD_PONKA: "times:1" } }, context, allow: [/422/] }, async ({ page }) => {
    await openGallery(page);
    await page.setInputFiles("#file", [small("failed.png")]);
    await page.locator('.tile[data-state="failed"]').waitFor();
    await page.setInputFiles("#file", [cat("one.jpg"), text("notes.jpg"), { ...small("cut.png"), buffer: small().buffer.subarray(0, 200) }]);
    await page.locator('.tile[data-state="done"] >> text=Ponka visited').waitFor();
    await page.locator('.upload[data-state="failed"]').waitFor();
    await page.route("**/api/images?**", () => {});
    await page.setInputFiles("#file", [small("stuck.png")]);
    await page.locator('.upload[data-state="sending"]').waitFor();
    assert.deepEqual(await violations(page), [], "a full gallery");
    await page.getByRole("button", { name: "Delete failed.png" }).click();
    await page.getByText("Deleted failed.png.").waitFor();
    assert.deepEqual(await violations(page), [], "with Undo");
    await page.locator('.tile[data-state="done"] .tile-photo').click();
    await page.locator("#lightbox[open]").waitFor();
    assert.deepEqual(await violations(page), [], "with the lightbox");
    await page.keyboard.press("Escape");
    await page.locator("#lightbox").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    assert.deepEqual(await violations(page), [], "with the list of keys");
    await page.keyboard.press("Escape");
    const own = await page.locator('.tile[data-state="done"] .tile-photo').getAttribute("href");
    page.on("dialog", (dialog) => dialog.accept());
    await page.goto(own);
    assert.deepEqual(await violations(page), [], "the photo's page");
  });
}

const person = { name: "Vera", email: "vera@example.org", password: "nine grey tabbies yawn" };

async function register(page) {
  for (const [id, value] of Object.entries(person)) await page.fill(`#${id}`, value);
  await page.getByRole("button", { name: "Create my account" }).click();
  await page.waitForURL("**/register/done");
}

async function signIn(page, password = person.password) {
  await page.fill("#email", person.email);
  await page.fill("#password", password);
  await page.locator("main").getByRole("button", { name: "Sign in" }).click();
}

for (const colorScheme of ["light", "dark"]) {
  const options = { server: { env: { APP_ENV: "dev", PONKA_SLEEP_MS: "0" } }, context: { colorScheme }, allow: [/404/, /422/] };
  const checking = (page) => {
    const check = async (what) => assert.deepEqual(await violations(page), [], what);
    const open = async (path) => {
      await page.goto(path);
      await check(path);
    };
    return { check, open };
  };

  test(`UX-17 nor on the ${colorScheme} pages of somebody signed in`, options, async ({ context, page }) => {
    const { check, open } = checking(page);
    await page.goto("/register");
    await page.getByRole("button", { name: "Create my account" }).click();
    await page.locator("#problems").waitFor();
    await check("/register with errors");
    await register(page);
    await check("/register/done");
    await page.goto("/login");
    await signIn(page, "not this one");
    await page.locator("#problems").waitFor();
    await check("/login with errors");
    await signIn(page);
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await open("/account");
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.locator("#problems").waitFor();
    await check("/account with errors");
    const { id } = await upload(context, small("cat.png"));
    await openGallery(page);
    await page.locator('.tile[data-state="done"]').waitFor();
    for (const path of ["/", `/images/${id}`, "/nothing-here", "/images/no-photo", "/_profiler", "/_profiler/no-profile", "/dev/mailbox"]) {
      await open(path);
      const who = page.getByRole("navigation", { name: "Account" }).getByRole("link", { name: person.name });
      assert.equal(await who.count(), 1, path);
    }
  });

  test(`UX-17 nor on the ${colorScheme} pages for developers`, options, async ({ page }) => {
    const { check, open } = checking(page);
    await open("/dev/mailbox");
    await page.goto("/register");
    await register(page);
    await open("/_profiler");
    const row = page.locator("tr", { hasText: "POST" }).filter({ hasText: "/register" });
    const profile = await row.getByRole("link").getAttribute("href");
    for (const panel of ["request", "messages", "emails", "sql", "logs", "timeline"]) await open(`${profile}?panel=${panel}`);
    await page.goto("/dev/mailbox");
    await page.locator("#mails li").waitFor();
    await check("the mailbox with a mail");
    await page.locator("#mails a").click();
    await page.waitForURL(/mailbox\/./);
    const { pathname } = new URL(page.url());
    for (const tab of ["html", "text", "source", "headers", "raw", "links"]) await open(`${pathname}?tab=${tab}`);
  });
}

test("UX-17 a refused form without a script has its summary, and axe-core finds nothing", { server: "idle", allow: [/415/, /ERR_FAILED/] }, async ({ page }) => {
  // As axe-core is a script itself, only ours is left out.
  await page.route("**/gallery.js*", (route) => route.abort());
  await page.goto("/");
  await page.setInputFiles("#file", [text()]);
  await page.click("text=Upload");
  await page.locator("#file-error").waitFor();
  assert.deepEqual(await violations(page), []);
});

test("UX-17 the gallery reads as a list of photos with their states", { server: "working" }, async ({ context, page }) => {
  await page.goto("/");
  const { createdAt } = await upload(context, small("cat.png"));
  await openGallery(page);
  await page.locator('.tile[data-state="done"] >> text=Ponka visited').waitFor();
  const day = new Date(createdAt).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const snapshot = await page.locator("#gallery").ariaSnapshot();
  assert.equal(snapshot.replace(/\/url: .*/, "/url: …").replaceAll(day, "DAY"), [
    "- list \"Photos\":",
    "  - listitem:",
    "    - link \"Photo cat.png, added DAY\":",
    "      - /url: …",
    "      - img \"Photo cat.png, added DAY\"",
    "    - paragraph:",
    "      - text: Ponka visited your photo",
    "      - time: just now",
    "    - button \"Delete cat.png\"",
  ].join("\n"));
});

test("UX-25 light and dark differ, and without motion nothing moves", { server: "idle" }, async ({ context, page }) => {
  await page.goto("/");
  await upload(context, small());
  await openGallery(page);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  assert.notEqual(await background(), light);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.locator(".tile").evaluate((tile) => (tile.dataset.state = "processing"));
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.notEqual(await page.evaluate(() => document.getAnimations().length), 0);
});
