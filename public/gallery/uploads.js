// The queue: three photos at a time, each with its own progress, retried by itself where that helps.

import { megabytes, sentence, shown } from "./intake.js";
import { alertWith, ask, byId, forViewer, h, photos, say, sentenceOf } from "./page.js";
import { adopt, changed, hear, hold, insertPreview, release } from "./tiles.js";

const AT_ONCE = 3;
const PAUSES = [1, 3, 9]; // seconds before each new try
const LONGEST_PAUSE = 60; // seconds; what asks for more patience is left to a button
const STALL = 30_000; // milliseconds without a byte
const ANSWER = 120_000; // milliseconds from the last byte to the answer

const queue = byId("queue");
const items = new Set();
// Their bytes are for the eye alone: read aloud every second they would drown everything else.
const sum = h("p", { class: "hint" });
let batch = { all: 0, done: 0, bytes: 0 };

const isActive = ({ xhr }) => xhr !== undefined;
const isUnfinished = ({ state }) => ["waiting", "sending", "saving", "pausing"].includes(state);
const unfinished = () => [...items].filter(isUnfinished);

// Sends these files, after those that are waiting already.
export function send(files) {
  if (unfinished().length === 0) batch = { all: 0, done: 0, bytes: 0 };
  for (const file of files) {
    const item = { file, name: shown(file.name), tries: 0, sent: 0 };
    item.row = rowOf(item);
    items.add(item);
    queue.append(item.row);
    prepare(item);
    join(item);
  }
  next();
}

function join(item) {
  item.batch = batch;
  batch.all += 1;
  batch.bytes += item.file.size;
}

// As new: a key of its own, a preview, a place in the queue.
function prepare(item) {
  item.key = [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("-");
  item.tries = 0;
  show(item, "waiting", "Waiting…");
}

function rowOf(item) {
  const button = (words, react) => h("button", { type: "button", class: "secondary small", "aria-label": `${words} ${item.name}`, click: react }, words);
  item.progress = h("progress", { max: 100, value: 0, "aria-label": item.name });
  item.words = h("span", { class: "upload-words" });
  item.cancel = button("Cancel", () => drop(item));
  item.retry = button("Retry", () => startAgain(item));
  item.dismiss = button("Dismiss", () => drop(item));
  item.anyway = button("Add anyway", () => startAgain(Object.assign(item, { isWanted: true })));
  item.anyway.setAttribute("aria-label", `Add ${item.name} anyway`);
  return h("li", { class: "upload" }, h("span", { class: "upload-name" }, item.name), item.progress, item.words,
    h("span", { class: "upload-buttons" }, item.retry, item.anyway, item.cancel, item.dismiss));
}

function show(item, state, ...words) {
  const hadFocus = item.row.contains(document.activeElement);
  Object.assign(item, { state });
  item.row.dataset.state = state;
  item.words.replaceChildren(...words);
  item.progress.hidden = !isUnfinished(item);
  item.cancel.hidden = !isUnfinished(item);
  item.dismiss.hidden = isUnfinished(item);
  item.retry.hidden = state !== "failed";
  item.anyway.hidden = state !== "duplicate";
  if (hadFocus && document.activeElement?.hidden !== false) (item.cancel.hidden ? item.dismiss : item.cancel).focus();
  if (isUnfinished(item) && !item.tile) {
    item.preview = URL.createObjectURL(item.file);
    item.tile = insertPreview(item.name, item.preview);
  }
  report();
}

function next() {
  report();
  if (!navigator.onLine) return;
  for (const item of [...items].filter(({ state }) => state === "waiting")) {
    if ([...items].filter(isActive).length >= AT_ONCE) return;
    transfer(item);
  }
}

function transfer(item) {
  const xhr = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", item.file, item.file.name);
  xhr.open("POST", forViewer(item.isWanted ? "/api/images" : "/api/images?duplicates=skip"));
  xhr.setRequestHeader("Accept", "application/json");
  xhr.setRequestHeader("Idempotency-Key", item.key);
  const watch = (milliseconds) => {
    clearTimeout(item.timer);
    item.timer = setTimeout(() => {
      xhr.abort();
      settle(item, () => again(item, xhr));
    }, milliseconds);
  };
  xhr.upload.onprogress = ({ loaded, total }) => {
    watch(STALL);
    item.sent = Math.min(loaded, item.file.size);
    item.progress.value = Math.max(item.progress.value, Math.floor((100 * loaded) / total));
    if (loaded < total) item.words.textContent = `${item.progress.value} %`;
    report();
  };
  xhr.upload.onload = () => {
    watch(ANSWER);
    item.progress.value = 100;
    show(item, "saving", "Saving…");
  };
  xhr.onload = () => settle(item, () => answer(item, xhr));
  xhr.onerror = () => settle(item, () => again(item, xhr));
  item.xhr = xhr;
  item.progress.value = 0;
  show(item, "sending", "0 %");
  hold();
  watch(STALL);
  xhr.send(form);
}

// The request is over, one way or another.
function settle(item, then) {
  clearTimeout(item.timer);
  item.xhr = undefined;
  then();
  release();
  setTimeout(next);
}

function answer(item, xhr) {
  if (xhr.status === 429 || xhr.status >= 500) return again(item, xhr);
  if (xhr.status >= 300) return fail(item, sentenceOf(xhr.responseText, `${item.name} could not be added. Try again.`), xhr.status);
  let image;
  try {
    image = JSON.parse(xhr.responseText);
  } catch {
    return again(item, xhr); // somebody between us and the gallery has answered
  }
  const isDuplicate = xhr.getResponseHeader("X-Ponka-Duplicate");
  if (item.state === "cancelled") return isDuplicate ? undefined : undo(image);
  batch.done += 1;
  if (isDuplicate) {
    takeTileAway(item);
    const link = h("a", { href: `/images/${image.id}`, "data-opens": image.id }, "Show it");
    return show(item, "duplicate", sentence("duplicate", { file: item.name }), " ", link);
  }
  adopt(item.tile, image);
  item.tile = undefined;
  forget(item);
}

// It was cancelled when all of it was on its way: so it is stored, and not wanted.
function undo(image) {
  hear({ id: image.id, status: "deleted" });
  ask(`/api/images/${image.id}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

// Nobody is to blame, and it may be better in a moment.
function again(item, xhr) {
  if (item.state === "cancelled") return;
  if (!navigator.onLine) return show(item, "waiting", "Waiting for the connection…");
  const asked = Number(xhr.getResponseHeader("Retry-After"));
  const pause = asked > 0 ? asked : PAUSES[item.tries];
  if (item.tries >= PAUSES.length || pause > LONGEST_PAUSE) {
    const otherwise = xhr.status === 0 ? sentence("too_slow") : `Ponka can't take ${item.name} right now. Try again in a while.`;
    return fail(item, xhr.status === 429 ? sentenceOf(xhr.responseText, otherwise) : otherwise);
  }
  item.tries += 1;
  show(item, "pausing", `Trying again in ${pause} s…`);
  item.timer = setTimeout(() => {
    show(item, "waiting", "Waiting…");
    next();
  }, 1000 * pause);
}

function fail(item, words, status) {
  if (item.state === "cancelled") return;
  takeTileAway(item);
  item.isSignedOut = status === 401;
  const signIn = item.isSignedOut ? [" ", h("a", { href: "/login", target: "_blank", rel: "noopener" }, "Sign in")] : [];
  show(item, "failed", words, ...signIn);
  alertWith(words);
}

function startAgain(item) {
  if (item.batch !== batch) join(item);
  else if (item.state === "duplicate") batch.done -= 1;
  prepare(item);
  next();
}

// The user wants no more of it. What is fully sent may be stored already: its answer is awaited.
function drop(item) {
  const wasSaving = item.state === "saving";
  const beside = item.row.nextElementSibling ?? item.row.previousElementSibling;
  if (isUnfinished(item)) {
    batch.all -= 1;
    batch.bytes -= item.file.size;
  }
  item.state = "cancelled";
  clearTimeout(item.timer);
  takeTileAway(item);
  forget(item);
  (beside?.querySelector("button:not([hidden])") ?? byId("file")).focus();
  if (item.xhr && !wasSaving) {
    item.xhr.abort();
    settle(item, () => {});
  }
  next();
}

function takeTileAway(item) {
  item.tile?.remove();
  item.tile = undefined;
  if (item.preview) URL.revokeObjectURL(item.preview);
  item.preview = undefined;
  changed();
}

function forget(item) {
  items.delete(item);
  item.row.remove();
  report();
}

// "2 of 5 uploaded", the way out of the page, and the banner without a connection.
function report() {
  if (queue) queue.hidden = items.size === 0;
  const rest = unfinished();
  const failed = [...items].filter(({ state }) => state === "failed").length;
  window.onbeforeunload = rest.length > 0 ? (event) => event.preventDefault() : null;
  if (batch.all > 0 && (rest.length > 0 || !batch.isOver)) {
    const missing = rest.reduce((bytes, { file, sent }) => bytes + file.size - sent, 0);
    sum.textContent = rest.length > 0 ? `${megabytes(batch.bytes - missing)} of ${megabytes(batch.bytes)}` : "";
    say(`${batch.done} of ${batch.all} uploaded${rest.length === 0 && failed > 0 ? `, ${failed} not` : ""}`);
  }
  batch.isOver = rest.length === 0;
  const waiting = rest.length > 0 ? ` ${photos(rest.length)} will continue when you're back.` : " New photos wait until you're back.";
  const banner = navigator.onLine ? "" : `You're offline.${waiting}`;
  if (byId("offline").textContent !== banner) byId("offline").textContent = banner;
}

byId("status").after(sum);
window.addEventListener("offline", report);
window.addEventListener("online", next);
document.addEventListener("visibilitychange", () => {
  // Perhaps somebody has signed in again, in another tab.
  if (!document.hidden) [...items].filter(({ isSignedOut, state }) => isSignedOut && state === "failed").forEach(startAgain);
});
