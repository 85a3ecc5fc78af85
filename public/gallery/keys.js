// The gallery by keyboard: one stop for Tab, arrows from photo to photo, and a few single keys.

import { byId, h } from "./page.js";
import { gallery, linkOf, tiles } from "./tiles.js";

const SHORTCUTS = [
  ["← → ↑ ↓", "go from photo to photo"],
  ["Home, End", "first and last photo"],
  ["Enter", "look at the photo"],
  ["D or Delete", "delete the photo; Undo is offered"],
  ["U", "add photos"],
  ["?", "this list"],
];

const controls = (tile) => tile.querySelectorAll("a[href], button");
let current;
let isChosen = false; // whether somebody has been there

// Only the current tile can be reached with Tab, with all its buttons.
function rove(tile) {
  if (tile === current) return;
  if (current) controls(current).forEach((control) => (control.tabIndex = -1));
  current = tile;
  controls(tile).forEach((control) => control.removeAttribute("tabindex"));
}

function settleTiles() {
  const all = tiles().filter((tile) => linkOf(tile).href);
  if (!isChosen || !all.includes(current)) current = all[0];
  for (const tile of all) {
    for (const control of controls(tile)) {
      if (tile === current) control.removeAttribute("tabindex");
      else control.tabIndex = -1;
    }
  }
}

// How many tiles there are in a row.
function columns(all) {
  const top = all[0].offsetTop;
  const row = all.findIndex((tile) => tile.offsetTop !== top);
  return row === -1 ? all.length : row;
}

export function useKeys(deletePhoto) {
  const steps = { ArrowRight: () => 1, ArrowLeft: () => -1, ArrowDown: columns, ArrowUp: (all) => -columns(all), Home: () => -Infinity, End: () => Infinity };
  settleTiles();
  gallery.addEventListener("changed", settleTiles);
  gallery.addEventListener("focusin", ({ target }) => {
    const tile = target.closest(".tile");
    if (tile) rove(tile);
    isChosen = true;
  });
  gallery.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tile = event.target.closest(".tile");
    const all = tiles().filter((other) => linkOf(other).href);
    const step = steps[event.key]?.(all);
    if (step !== undefined) {
      const at = all.indexOf(tile) + step;
      if (Number.isFinite(step) && (at < 0 || at >= all.length)) return;
      linkOf(all[Math.min(Math.max(at, 0), all.length - 1)]).focus();
    } else if (event.key === "d" || event.key === "Delete" || event.key === "Backspace") {
      if (tile) deletePhoto(tile);
    } else if (event.key === "u") {
      byId("file")?.focus();
      byId("file")?.click();
    } else if (event.key === "?") {
      help().showModal();
    } else {
      return;
    }
    event.preventDefault();
  });
  const button = h("button", { type: "button", class: "secondary small keys", click: () => help().showModal() }, "Keyboard shortcuts");
  document.querySelector(".tray").before(button);
}

function help() {
  const known = byId("shortcuts");
  if (known) return known;
  const rows = SHORTCUTS.flatMap(([keys, what]) => [h("dt", {}, keys), h("dd", {}, what)]);
  const dialog = h("dialog", { id: "shortcuts", class: "sheet-dialog", "aria-labelledby": "shortcuts-title" },
    h("h2", { id: "shortcuts-title" }, "Keys in the gallery"),
    h("dl", {}, ...rows),
    h("form", { method: "dialog" }, h("button", {}, "Close")));
  document.body.append(dialog);
  return dialog;
}
