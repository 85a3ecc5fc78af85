// UX-19: a phone can take the photo; elsewhere there is no such button.

import { small } from "./support/photos.mjs";
import { assert, devices, openGallery, test } from "./support/suite.mjs";

for (const phone of ["iPhone 15", "Pixel 7"]) {
  const { defaultBrowserType, ...context } = devices[phone];
  test(`UX-19 a ${phone} offers its camera, and the library stays reachable`, { server: "working", context }, async ({ page }) => {
    await openGallery(page);
    assert.equal(await page.getByText("Take photo").isVisible(), true, defaultBrowserType);
    const camera = page.locator("#camera");
    assert.deepEqual([await camera.getAttribute("capture"), await camera.getAttribute("accept")], ["environment", "image/*"]);
    assert.equal(await page.locator("#file").getAttribute("capture"), null);
    assert.doesNotMatch(await page.locator("#file").getAttribute("accept"), /\*/);
    await page.setInputFiles("#camera", [small("image.png")]);
    await page.locator(".tile[data-photo-id]").waitFor();
  });
}

test("UX-19 a desktop has no camera button", { server: "idle" }, async ({ page }) => {
  await page.goto("/");
  assert.equal(await page.getByText("Take photo").isVisible(), false);
});
