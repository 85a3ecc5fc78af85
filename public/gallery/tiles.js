// The photos on the page: what is heard about them, in the order in which it happened.

import { ask, byId, fetchPage, h, morph, photos, say } from "./page.js";

export const gallery = byId("gallery");
const empty = document.querySelector(".empty");
const isFirstPage = "isFirst" in gallery.dataset;

const RANK = { uploading: 0, queued: 1, processing: 2, done: 3, failed: 3 };
// The server answers at most so many tiles at once.
const TILES = 60;

const heardAt = new Map(); // by id: when the last event came
const gone = new Set(); // ids of deleted photos
const wanted = new Set(); // ids whose tile is to be fetched
const held = new Set(); // unknown ids, while one of them may be an upload of this page
let holders = 0;
let fetching = false;
let failures = 0;

export const tiles = () => [...gallery.querySelectorAll(".tile:not([hidden])")];
export const tileOf = (id) => byId(`photo-${id}`);
export const isGone = (id) => gone.has(id);
export const linkOf = (tile) => tile.querySelector(".tile-photo");

// A photo never goes back, but a failed one may be tried again.
const mayBecome = (from, to) => from === "failed" || RANK[to] >= RANK[from];

// An event: something has happened to this photo.
export function hear(image) {
  heardAt.set(image.id, performance.now());
  note(image);
}

function note(image) {
  if (image.status === "deleted") return remove(image.id);
  const tile = tileOf(image.id);
  if (tile && mayBecome(tile.dataset.state, image.status)) {
    become(tile, image.status);
    want(image.id);
  } else if (!tile && !gone.has(image.id) && belongsHere(image.id)) {
    if (holders > 0) held.add(image.id);
    else want(image.id);
  }
}

// Ids grow with time. What is older than the last tile is on a later page, if there is one.
function belongsHere(id) {
  const known = [...gallery.querySelectorAll("[data-photo-id]")].map((tile) => tile.dataset.photoId);
  const isNewest = known.length === 0 || id > known[0];
  const isOldest = known.length > 0 && id < known.at(-1);
  if (isOldest) return !document.querySelector('.pages a[rel="next"]');
  return isNewest ? isFirstPage : true;
}

// Asks for everything again: after a gap in the events nobody knows what was missed.
export async function reconcile() {
  const askedAt = performance.now();
  const response = await ask("/api/images", { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`/api/images answered ${response.status}`);
  const { items, next } = await response.json();
  const fresh = items.filter(({ id }) => !(heardAt.get(id) > askedAt));
  for (const image of fresh) {
    if (tileOf(image.id)?.dataset.state !== image.status) note(image);
  }
  const listed = new Set(items.map(({ id }) => id));
  const oldest = next ? items.at(-1).id : "";
  for (const { dataset } of gallery.querySelectorAll("[data-photo-id]")) {
    const [id, isPending] = [dataset.photoId, RANK[dataset.state] < RANK.done];
    if (listed.has(id) || heardAt.get(id) > askedAt) continue;
    // Whatever should be in that list and is not, was deleted, unless it is younger than the list.
    if (isPending || id >= oldest) want(id);
  }
}

// Fetches the server's tile of this photo, soon and together with others.
function want(id) {
  wanted.add(id);
  if (!fetching) {
    fetching = true;
    setTimeout(fetchTiles, 20);
  }
}

async function fetchTiles() {
  const ids = [...wanted].slice(0, TILES);
  ids.forEach((id) => wanted.delete(id));
  let pause = 0;
  try {
    const page = await fetchPage(`/tiles?ids=${ids.join(",")}`);
    const fresh = new Map([...page.querySelectorAll(".tile")].map((tile) => [tile.dataset.photoId, tile]));
    ids.forEach((id) => (fresh.has(id) ? put(fresh.get(id)) : remove(id)));
    failures = 0;
  } catch {
    ids.forEach((id) => wanted.add(id));
    pause = Math.min(10_000, 500 * 2 ** failures++);
  }
  fetching = wanted.size > 0;
  if (fetching) setTimeout(fetchTiles, pause);
}

// Puts a tile of the server into its place, or its news into the tile that is there.
function put(fresh) {
  const { photoId: id, state } = fresh.dataset;
  if (gone.has(id)) return;
  const tile = tileOf(id);
  if (!tile) {
    insert(document.adoptNode(fresh), id);
  } else if (mayBecome(tile.dataset.state, state)) {
    become(tile, state);
    const had = tile.contains(document.activeElement);
    swap(tile, fresh);
    if (had && !tile.contains(document.activeElement)) linkOf(tile).focus();
    changed();
  }
}

// The preview made from the file stays on the screen until the server's picture has arrived.
function swap(tile, fresh) {
  const address = tile.querySelector('img[src^="blob:"]')?.src;
  const print = fresh.querySelector(".print");
  if (address) fresh.querySelector(".placeholder")?.remove();
  if (address && RANK[fresh.dataset.state] < RANK.done) {
    for (const name of ["srcset", "sizes"]) print.removeAttribute(name);
    print.src = address;
  }
  morph(tile, fresh);
  if (address && print.src !== address) {
    const forget = () => URL.revokeObjectURL(address);
    for (const end of ["load", "error"]) tile.querySelector(".print").addEventListener(end, forget, { once: true });
  }
}

const title = document.querySelector("h1");
const total = title.querySelector("em");

// "Ponka'd 7 photos", in the window's title too.
function count(by) {
  const photos = Math.max(0, Number(total.textContent) + by);
  total.textContent = photos;
  title.lastChild.nodeValue = photos === 1 ? " photo" : " photos";
  document.title = title.textContent;
}

// The newest photo is the first one, and ids grow with time.
function place(tile, id) {
  const older = [...gallery.querySelectorAll("[data-photo-id]")].find(({ dataset }) => dataset.photoId < id);
  gallery.insertBefore(tile, older ?? null);
}

function insert(tile, id) {
  place(tile, id);
  count(1);
  changed();
}

// A tile that is here before its photo is stored.
export function insertPreview(name, address) {
  const tile = h("li", { class: "tile", "data-state": "uploading", "data-name": name },
    h("a", { class: "tile-photo" }, h("img", { class: "print", src: address, alt: `${name}, on its way` })),
    h("div", { class: "tile-foot" }, h("p", { class: "status" }, "On its way to Ponka…")));
  gallery.prepend(tile);
  changed();
  return tile;
}

// The photo of such a tile is stored.
export function adopt(tile, image) {
  if (tileOf(image.id) || gone.has(image.id)) {
    URL.revokeObjectURL(tile.querySelector(".print").src);
    tile.remove();
    changed();
  } else {
    place(tile, image.id);
    count(1);
    tile.id = `photo-${image.id}`;
    tile.dataset.photoId = image.id;
  }
  note(image);
}

export function hold() {
  holders += 1;
}

export function release() {
  holders -= 1;
  if (holders > 0) return;
  for (const id of held) if (!tileOf(id) && !gone.has(id)) want(id);
  held.clear();
}

// A photo is deleted. A focus in its tile goes to a neighbour.
export function remove(id) {
  gone.add(id);
  const tile = tileOf(id);
  if (!tile) return;
  const hadFocus = tile.contains(document.activeElement);
  tile.remove();
  count(-1);
  changed();
  if (hadFocus) focusNear(id);
}

// Where this photo is or was: never nowhere, but the next tile, the one before, or the way to a new photo.
export function focusNear(id) {
  const all = tiles().filter(({ dataset }) => dataset.photoId);
  const near = all.find(({ dataset }) => dataset.photoId <= id) ?? all.at(-1);
  (near ? linkOf(near) : byId("file") ?? byId("main")).focus();
}

// To be called when tiles have come, gone, or been hidden.
export function changed() {
  const isEmpty = tiles().length === 0;
  gallery.hidden = isEmpty;
  empty.hidden = !isEmpty;
  gallery.dispatchEvent(new Event("changed"));
}

const news = { done: 0, failed: 0 };
let telling;

// Shows what a photo is now; says "3 photos ready, 1 failed" once it is quiet.
function become(tile, state) {
  const isNews = state in news && tile.dataset.state !== state;
  tile.dataset.state = state;
  if (!isNews) return;
  news[state] += 1;
  clearTimeout(telling);
  telling = setTimeout(() => {
    const parts = [news.done && `${photos(news.done)} ready`, news.failed && `${news.failed} failed`];
    say(`${parts.filter(Boolean).join(", ")}.`);
    news.done = news.failed = 0;
  }, 1200);
}
