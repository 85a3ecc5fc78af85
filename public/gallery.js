// The gallery page: puts its parts together. Without this script everything on it works, by forms.

import { deletePhoto } from "./gallery/deleting.js";
import { takeFilesFor } from "./gallery/intake.js";
import { useKeys } from "./gallery/keys.js";
import { useLightbox } from "./gallery/lightbox.js";
import { connect } from "./gallery/live.js";
import { alertWith, ask, byId, fetchPage, h, keepTimesCurrent, photos, say, sentenceOf } from "./gallery/page.js";
import { changed, gallery, hear, linkOf, reconcile, tileOf } from "./gallery/tiles.js";
import { send } from "./gallery/uploads.js";

async function tryAgain({ dataset: { photoId, name } }) {
  const otherwise = `${name} could not be tried again. Do that in a moment.`;
  try {
    const response = await ask(`/api/images/${photoId}/retry`, { method: "POST" });
    const answer = await response.text();
    if (response.ok) hear(JSON.parse(answer));
    else alertWith(sentenceOf(answer, otherwise));
  } catch {
    alertWith(otherwise);
  }
}

// "Older photos" is a real link; with a script they join those that are here.
function appendOlder() {
  document.querySelector(".pages")?.addEventListener("click", async (event) => {
    const link = event.target.closest('a[rel="next"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.getAttribute("aria-disabled")) return;
    link.setAttribute("aria-disabled", "true");
    try {
      append(await fetchPage(link.href), link);
    } catch {
      location.assign(link.href);
    }
  });
}

function append(page, link) {
  const fresh = [...page.querySelectorAll("#gallery > .tile")].filter((tile) => !tileOf(tile.dataset.photoId));
  for (const image of fresh.map((tile) => tile.querySelector(".print"))) image.setAttribute("loading", "lazy");
  gallery.append(...fresh);
  changed();
  say(`${photos(fresh.length)} more.`);
  const further = page.querySelector('.pages a[rel="next"]');
  if (further) {
    link.href = further.getAttribute("href");
    link.removeAttribute("aria-disabled");
  } else {
    link.remove();
  }
  if (fresh.length > 0) linkOf(fresh[0]).focus();
}

// A photo's own page leaves it to the gallery, which can undo it. The photo may be older than those here.
function deleteWhatWasLeft() {
  const left = JSON.parse(sessionStorage.getItem("delete"));
  sessionStorage.removeItem("delete");
  if (left) deletePhoto(tileOf(left["data-photo-id"]) ?? h("li", left));
}

gallery.addEventListener("submit", (event) => {
  event.preventDefault();
  const tile = event.target.closest(".tile");
  if (event.target.matches(".retry")) tryAgain(tile);
  else deletePhoto(tile);
});
if (byId("upload-form")) takeFilesFor(send);
useLightbox(deletePhoto, tryAgain);
useKeys(deletePhoto);
appendOlder();
keepTimesCurrent(gallery.dataset.now);
connect(gallery, hear, reconcile);
deleteWhatWasLeft();
