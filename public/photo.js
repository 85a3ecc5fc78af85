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
  if (status === "deleted") location.assign("/");
  else refresh().catch(() => {});
}

keepTimesCurrent(photo.dataset.now);
connect(photo, hear, refresh);
