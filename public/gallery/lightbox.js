// One photo, large, over the gallery. It has the address of the photo's own page, and Back closes it.

import { alertWith, ask, h, say, sentenceOf } from "./page.js";
import { focusNear, gallery, linkOf, tileOf, tiles } from "./tiles.js";

const SWIPE = 40; // pixels

const home = location.pathname + location.search;
// What is said below the page is said in the lightbox while that is open: the page is out of reach then.
const tray = document.querySelector(".tray");
const part = {};
let dialog;
let shownId;
let leaving;

const all = () => tiles().filter((tile) => tile.dataset.photoId);
const beside = (step) => all()[all().indexOf(tileOf(shownId)) + step];

function build(deletePhoto, tryAgain) {
  const button = (words, label, react, look = "round") => h("button", { type: "button", class: `secondary ${look}`, "aria-label": label, click: react }, words);
  part.image = h("img", { class: "lightbox-image", alt: "" });
  part.title = h("h2", { id: "lightbox-title" });
  part.status = h("div", { class: "lightbox-status" });
  part.before = button("←", "Newer photo", () => step(-1));
  part.after = button("→", "Older photo", () => step(1));
  part.close = button("×", "Close", leave);
  part.alt = h("input", { id: "lightbox-alt", type: "text", maxlength: 500, autocomplete: "off" });
  part.page = h("a", {}, "Its own page");
  const remove = button("Delete", "Delete this photo", () => {
    const tile = tileOf(shownId);
    leave().then(() => tile && deletePhoto(tile));
  }, "small");
  part.retry = button("Try again", undefined, () => tryAgain(tileOf(shownId)), "small");
  const description = h("form", { class: "field", submit: saveAlt },
    h("label", { for: "lightbox-alt" }, "What is in the photo?"),
    h("div", { class: "field-input" }, part.alt, h("button", { class: "secondary small" }, "Save")));
  dialog = h("dialog", { id: "lightbox", "aria-labelledby": "lightbox-title" },
    h("div", { class: "lightbox-stage" }, part.before, part.image, part.after),
    h("div", { class: "lightbox-text" }, part.title, part.status, description, h("p", { class: "actions" }, part.page, part.retry, remove)),
    part.close);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.target === part.alt) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && leave());
  takeSwipes(dialog.firstChild);
  document.body.append(dialog);
}

function takeSwipes(stage) {
  let from;
  stage.addEventListener("pointerdown", ({ isPrimary, pointerType, clientX }) => {
    from = isPrimary && pointerType === "touch" ? clientX : undefined;
  });
  stage.addEventListener("pointerup", ({ clientX }) => {
    if (from === undefined || Math.abs(clientX - from) < SWIPE) return;
    step(clientX < from ? 1 : -1);
  });
}

// Shows a tile's photo, and loads those beside it.
function fill(tile) {
  const { photoId, name, url, state } = tile.dataset;
  const print = tile.querySelector(".print");
  const isOther = photoId !== shownId;
  shownId = photoId;
  const isDone = state === "done" && print.srcset;
  part.image.removeAttribute("srcset");
  if (isDone && !print.srcset.includes(url)) part.image.srcset = `${print.srcset}, ${url} ${print.getAttribute("width")}w`;
  part.image.sizes = "100vw";
  for (const side of ["width", "height"]) part.image.setAttribute(side, print.getAttribute(side));
  if (part.image.getAttribute("src") !== url) part.image.src = url;
  part.image.alt = print.alt;
  if (isOther || document.activeElement !== part.alt) part.alt.value = print.alt;
  part.title.textContent = name;
  part.status.replaceChildren(tile.querySelector(".status").cloneNode(true));
  dialog.dataset.state = state;
  if (state !== "failed" && document.activeElement === part.retry) part.close.focus();
  part.retry.hidden = state !== "failed";
  part.page.href = `/images/${photoId}`;
  part.before.disabled = !beside(-1);
  part.after.disabled = !beside(1);
  for (const neighbour of [beside(-1), beside(1)]) if (neighbour) new Image().src = neighbour.dataset.url;
}

function step(by) {
  const tile = beside(by);
  if (!tile) return;
  fill(tile);
  history.replaceState({ photo: shownId }, "", `/images/${shownId}`);
  if (document.activeElement?.disabled !== false && !dialog.contains(document.activeElement)) part.close.focus();
}

function open(tile, { isNew }) {
  fill(tile);
  if (isNew) history.pushState({ photo: shownId }, "", `/images/${shownId}`);
  if (!dialog.open) dialog.showModal();
  dialog.append(tray);
  part.close.focus();
}

// Goes back to the gallery, in the history too: once, as that takes a moment.
function leave() {
  leaving ??= new Promise((resolve) => {
    window.addEventListener("popstate", () => resolve((leaving = undefined)), { once: true });
    history.back();
  });
  return leaving;
}

function shut() {
  dialog.close();
  document.body.append(tray);
  const tile = tileOf(shownId);
  if (!tile) focusNear(shownId);
  else if (!tile.hidden) linkOf(tile).focus();
}

async function saveAlt(event) {
  event.preventDefault();
  const [id, tile, alt] = [shownId, tileOf(shownId), part.alt.value];
  const body = JSON.stringify({ alt });
  const headers = { "Content-Type": "application/json" };
  const otherwise = "The description could not be saved. Try again.";
  try {
    const response = await ask(`/api/images/${id}/alt`, { method: "PUT", headers, body });
    if (!response.ok) return alertWith(sentenceOf(await response.text(), otherwise));
  } catch {
    return alertWith(otherwise);
  }
  if (alt) for (const image of tile?.querySelectorAll("img") ?? []) image.alt = alt;
  if (id === shownId) {
    if (alt) part.image.alt = alt;
    part.status.replaceChildren(h("p", { class: "status", role: "status" }, "The description is saved."));
  }
  say("The description is saved.");
}

// Opens photos of the gallery, and links to them elsewhere on the page (`data-opens`).
export function useLightbox(deletePhoto, tryAgain) {
  build(deletePhoto, tryAgain);
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".tile-photo[href], [data-opens]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const tile = link.closest(".tile") ?? tileOf(link.dataset.opens);
    if (!tile) return;
    event.preventDefault();
    open(tile, { isNew: true });
  });
  window.addEventListener("popstate", ({ state }) => {
    const tile = state?.photo && tileOf(state.photo);
    if (tile) open(tile, { isNew: false });
    else if (dialog.open) shut();
  });
  gallery.addEventListener("changed", () => {
    if (!dialog.open) return;
    const tile = tileOf(shownId);
    if (tile) fill(tile);
    else leave();
  });
  // A reload of the lightbox's address is the photo's own page; a tab that was restored is not.
  if (history.state?.photo) history.replaceState(null, "", home);
}
