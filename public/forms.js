// Passwords can be looked at, and a problem is where a keyboard goes first.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.setAttribute("aria-controls", input.id);
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", `${button.textContent}: ${input.labels[0].textContent}`);
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A password manager looks at the type.
  input.form.addEventListener("submit", () => show(false));
}
document.querySelector("#problems, #notice:not(:empty)")?.focus();
