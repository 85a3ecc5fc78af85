// The page of one photo: it changes when the photo does.

import { connect } from "./gallery/live.js";
import { byId, fetchPage, keepTimesCurrent, morph } from "./gallery/page.js";

const photo = byId("photo");

async function refresh() {
  const page = await fetchPage(location.pathname);
  const alt = byId("alt");
  const draft = alt.value;
  morph(photo, page.getElementById("photo"));
  alt.value = draft;
}

function hear({ id, status }) {
  if (id !== photo.dataset.photoId) return;
  const { value, defaultValue } = byId("alt");
  if (status !== "deleted") refresh().catch(() => {});
  else if (value === defaultValue) location.assign("/");
  else photo.querySelector("[role=status]").textContent = "This photo was deleted elsewhere. Your description was not saved.";
}

// The gallery deletes it, and offers to undo that. Without storage, the form does.
byId("delete").addEventListener("submit", (event) => {
  const name = photo.querySelector("h1").textContent;
  sessionStorage.setItem("delete", JSON.stringify({ "data-photo-id": photo.dataset.photoId, "data-name": name }));
  event.preventDefault();
  location.replace("/");
});
keepTimesCurrent(photo.dataset.now);
connect(photo, hear, refresh);
