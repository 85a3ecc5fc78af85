// UX-14: a gallery that stays open longer than its session keeps what it shows, and goes on later.

import { register, signIn } from "./support/account.mjs";
import { small } from "./support/photos.mjs";
import { assert, eventually, openGallery, test, upload } from "./support/suite.mjs";

const allow = [/401/];

const age = (server) => server.sql("UPDATE session SET seen_at = datetime(seen_at, '-1 day'), created_at = datetime(created_at, '-1 day')");

test("UX-14 a gallery whose session has ended keeps its photos, says so, and goes on after signing in", { server: { worker: false }, allow }, async ({ server, context, page }) => {
  await register(page);
  await signIn(page);
  const { id } = await upload(context, small("one.png"));
  await openGallery(page);
  await page.locator(`#photo-${id}`).waitFor();
  const follower = await context.newPage();
  await openGallery(follower);
  age(server);
  // As after a break of the connection, or on a tab that comes back.
  for (const tab of [page, follower]) {
    await tab.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
    await tab.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  }
  for (const tab of [page, follower]) {
    await tab.getByRole("alert").filter({ hasText: "You were signed out." }).waitFor();
    assert.equal(await tab.locator(`#photo-${id}`).isVisible(), true);
    assert.equal(await tab.locator("h1").textContent(), "Ponka’d 1 photo");
  }
  const second = await context.newPage();
  await signIn(second);
  const other = await upload(context, small("two.png"));
  for (const tab of [page, follower]) {
    await tab.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await tab.locator(`#photo-${other.id}`).waitFor();
    assert.equal(await tab.getByText("You were signed out.").count(), 0);
    assert.equal(await tab.locator(`#photo-${id}`).isVisible(), true);
  }
});

test("UX-14 who signs out in another tab is told in this one", { server: { worker: false }, allow }, async ({ context, page }) => {
  await register(page);
  await signIn(page);
  const { id } = await upload(context, small("one.png"));
  await openGallery(page);
  const second = await context.newPage();
  await second.goto("/login");
  await second.getByRole("button", { name: "Sign out" }).click();
  await second.getByRole("link", { name: "Sign in" }).first().waitFor();
  await page.getByRole("alert").filter({ hasText: "You were signed out." }).waitFor({ timeout: 25_000 });
  assert.equal(await page.locator(`#photo-${id}`).isVisible(), true);
});

test("UX-08 a photo sent after the session has ended keeps its file, and goes after signing in", { server: { worker: false }, allow }, async ({ server, context, page }) => {
  await register(page);
  await signIn(page);
  await openGallery(page);
  age(server);
  await page.setInputFiles("#file", [small("cat.png")]);
  const row = page.locator('#queue > li[data-state="failed"]');
  await row.getByText("You were signed out. Sign in and your photos will continue.").waitFor();
  const popup = page.waitForEvent("popup");
  await row.getByRole("link", { name: "Sign in" }).click();
  await signIn(await popup);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.locator(".tile[data-photo-id]").waitFor();
  await eventually(async () => (await page.locator("#queue > li").count()) === 0, "an empty queue");
  const { items } = await (await context.request.get("/api/images")).json();
  assert.equal(items.length, 1);
});
