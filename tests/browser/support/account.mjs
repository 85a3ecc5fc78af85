// Somebody with an account.

export const vera = { name: "Vera", email: "vera@example.org", password: "nine grey tabbies yawn" };

/// Makes an account on this page; nobody is signed in yet.
export async function register(page, person = vera) {
  await page.goto("/register");
  for (const [id, value] of Object.entries(person)) await page.fill(`#${id}`, value);
  await page.getByRole("button", { name: "Create my account" }).click();
  await page.waitForURL("**/register/done");
}

/// Signs in on this page.
export async function signIn(page, { email, password } = vera) {
  await page.goto("/login");
  await page.fill("#email", email);
  await page.fill("#password", password);
  await page.locator("main").getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}
