// Elements, words and HTML of our server: what every other part of the page uses.

const policy = globalThis.trustedTypes?.createPolicy("ponka", { createHTML: (html) => html });

export const byId = (id) => document.getElementById(id);

// An element: h("p", { class: "hint", click: listener }, "words", child).
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const viewer = document.querySelector("[data-viewer]")?.dataset.viewer;
let signedOut; // what the page says about it

// An address as this page's viewer: once they are signed out it answers 401, and not as to a guest.
export function forViewer(address) {
  return viewer ? `${address}${address.includes("?") ? "&" : "?"}viewer=${viewer}` : address;
}

// Asks the server, and tells the page whether its viewer is still signed in.
export async function ask(address, options) {
  const response = await fetch(forViewer(address), options);
  const isSignedOut = viewer && response.status === 401;
  if (isSignedOut && !signedOut) {
    signedOut = h("p", { class: "note problem", role: "alert" }, "You were signed out. Once you sign in, this page goes on.",
      h("a", { href: "/login", target: "_blank", rel: "noopener" }, "Sign in"));
    (document.querySelector(".tray") ?? byId("main")).prepend(signedOut);
    document.dispatchEvent(new Event("signed-out"));
  } else if (signedOut && response.ok) {
    signedOut = signedOut.remove();
    document.dispatchEvent(new Event("signed-in"));
  }
  return response;
}

// The document at an address of ours. Nothing in it runs or loads until it is put into the page.
export async function fetchPage(address) {
  const response = await ask(address, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  const html = await response.text();
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
}

// What the server says is wrong; without an answer of its own, the other sentence.
export function sentenceOf(answer, otherwise) {
  try {
    return JSON.parse(answer).detail || otherwise;
  } catch {
    return otherwise;
  }
}

// Makes `old` look like `fresh` and keeps every element that can stay: focus and pictures stay too.
export function morph(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "tabindex" && name !== "hidden") old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const [mine, theirs] = [[...old.childNodes], [...fresh.childNodes]];
  const alike = mine.length === theirs.length && mine.every((node, i) => node.nodeName === theirs[i].nodeName);
  if (!alike) {
    old.replaceChildren(...theirs);
    return;
  }
  mine.forEach((node, i) => {
    if (node.nodeType === Node.ELEMENT_NODE) morph(node, theirs[i]);
    else if (node.nodeValue !== theirs[i].nodeValue) node.nodeValue = theirs[i].nodeValue;
  });
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

let spokenAt = -Infinity;
let next;

// Says something politely. What was not said yet is dropped for it: the last word counts.
export function say(text) {
  clearTimeout(next);
  next = setTimeout(() => {
    spokenAt = performance.now();
    if (byId("status").textContent !== text) byId("status").textContent = text;
  }, Math.max(0, spokenAt + 1000 - performance.now()));
}

// Says what went wrong, below what is said already; without a sentence nothing is said any more.
export function alertWith(...sentences) {
  const said = byId("alert").textContent.split("\n").filter(Boolean);
  byId("alert").textContent = sentences.length > 0 ? [...new Set([...said, ...sentences])].join("\n") : "";
}

byId("dismiss")?.addEventListener("click", () => {
  alertWith();
  byId("main").focus();
});

export const isOfFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

// A browser shows a file that is dropped in place of the page, unless the page refuses.
for (const name of ["dragenter", "dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!isOfFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
}

export const photos = (n) => `${n} ${n === 1 ? "photo" : "photos"}`;

// The same words as the server's, of two moments in milliseconds.
export function timeAgo(then, now) {
  const minutes = Math.floor((now - then) / 60_000);
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)];
  if (days >= 30) {
    const day = new Date(then);
    return `on ${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
  }
  if (days >= 1) return days === 1 ? "yesterday" : `${days} days ago`;
  if (hours >= 1) return hours === 1 ? "an hour ago" : `${hours} hours ago`;
  if (minutes >= 1) return minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
  return "just now";
}

// Keeps "2 minutes ago" true, by the clock of the server, which was at `serverNow` just now.
export function keepTimesCurrent(serverNow) {
  const ahead = Date.now() - Date.parse(serverNow);
  setInterval(() => {
    for (const time of document.querySelectorAll("main time[datetime]")) {
      const words = timeAgo(Date.parse(time.dateTime), Date.now() - ahead);
      if (time.textContent !== words) time.textContent = words;
    }
  }, 10_000);
}
