// Deleting asks nothing: the photo is hidden, and for a while one press brings it back.

import { alertWith, ask, byId, h, sentenceOf } from "./page.js";
import { changed, focusNear, isGone, linkOf, remove, tileOf } from "./tiles.js";

// How long "Undo" is offered, in milliseconds. Only then the server hears of it.
const PATIENCE = 10_500;

const list = byId("undo");
const pending = new Map(); // by id

export function deletePhoto(tile) {
  const { photoId: id, name } = tile.dataset;
  if (pending.has(id)) return;
  const undo = h("button", { type: "button", class: "secondary small", "aria-label": `Undo deleting ${name}`, click: () => bringBack(id) }, "Undo");
  const entry = h("li", { class: "note" }, h("span", { role: "status" }, `Deleted ${name}.`), undo);
  tile.hidden = true;
  changed();
  list.append(entry);
  list.hidden = false;
  undo.focus();
  pending.set(id, { name, entry, tile, timer: setTimeout(send, PATIENCE, id) });
}

function bringBack(id) {
  const { name } = pending.get(id);
  const tile = close(id) ?? tileOf(id);
  if (isGone(id)) alertWith(`${name} was deleted elsewhere, and cannot come back.`);
  if (!tile) return;
  tile.hidden = false;
  changed();
  linkOf(tile).focus();
}

// Takes the offer away and gives its tile, if the photo is still there.
function close(id) {
  const { entry, tile, timer } = pending.get(id);
  clearTimeout(timer);
  pending.delete(id);
  const hadFocus = entry.contains(document.activeElement);
  entry.remove();
  list.hidden = pending.size === 0;
  if (hadFocus) focusNear(id);
  return tile.isConnected ? tile : undefined;
}

async function send(id) {
  const { name } = pending.get(id);
  close(id);
  const otherwise = `${name} could not be deleted. Try again.`;
  try {
    const response = await ask(`/api/images/${id}`, { method: "DELETE", keepalive: true });
    if (response.ok || response.status === 404) return remove(id);
    alertWith(sentenceOf(await response.text(), otherwise));
  } catch {
    alertWith(otherwise);
  }
  const tile = tileOf(id);
  if (tile) {
    tile.hidden = false;
    changed();
  }
}

// Who leaves has decided.
window.addEventListener("pagehide", () => [...pending.keys()].forEach(send));
