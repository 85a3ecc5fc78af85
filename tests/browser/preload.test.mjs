// The page is quick: its scripts are not found one after the other.

import { small } from "./support/photos.mjs";
import { assert, openGallery, test, upload } from "./support/suite.mjs";

test("every part of a script is asked for at once, and once", { server: "idle" }, async ({ context, page }) => {
  await page.goto("/");
  const { id } = await upload(context, small());
  for (const path of ["/", `/images/${id}`]) {
    const asked = [];
    const listen = (request) => request.resourceType() === "script" && asked.push(new URL(request.url()).pathname);
    page.on("request", listen);
    await openGallery(page, path);
    page.off("request", listen);
    const named = await page.locator('link[rel="modulepreload"], script[type="module"]').evaluateAll((elements) =>
      elements.map(({ href, src }) => new URL(href ?? src).pathname));
    assert.deepEqual([...new Set(asked)].sort(), named.filter((name) => !name.includes("toolbar")).sort(), path);
    assert.equal(new Set(asked).size, asked.length, `${asked}`);
  }
});
