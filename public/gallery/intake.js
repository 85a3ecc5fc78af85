// Files on their way into the page: chosen, photographed, dropped, pasted; and what can be said about
// them without the server, in its words.

import { alertWith, byId, isOfFiles } from "./page.js";

const BYTES = 10 * 1024 * 1024;
const FILES = 20;
const SHOWN_CHARS = 40;
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu;

const sentences = JSON.parse(byId("upload-form")?.dataset.sentences ?? "{}");

// A sentence of the server's catalogue, filled in.
export function sentence(code, values = {}) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, () => value), sentences[code]);
}

// A name for a sentence: shortened in the middle, nothing invisible in it.
export function shown(name) {
  const chars = [...name.replace(INVISIBLE, "\uFFFD")];
  if (chars.length <= SHOWN_CHARS) return chars.join("");
  const tail = Math.floor((SHOWN_CHARS - 1) / 2);
  return [...chars.slice(0, SHOWN_CHARS - 1 - tail), "…", ...chars.slice(-tail)].join("");
}

// 10⁶ bytes with one decimal, rounded up: too much never looks like enough.
export const megabytes = (bytes) => `${(Math.ceil(bytes / 100_000) / 10).toFixed(1)} MB`;

// Splits a choice of files: which may go, and a sentence for each that may not.
export async function check(files) {
  if (files.length > FILES) return { good: [], refused: [sentence("too_many", { chosen: files.length })] };
  const refused = await Promise.all(files.map(refusal));
  return { good: files.filter((_, i) => !refused[i]), refused: refused.filter(Boolean) };
}

async function refusal(file) {
  const name = shown(file.name);
  if (file.size > BYTES) return sentence("too_big", { size: megabytes(file.size), file: name });
  const kind = await kindOf(file);
  return kind === "photo" ? undefined : sentence(kind, { file: name });
}

// By the first bytes: what a file is called proves nothing.
async function kindOf(file) {
  const bytes = await file.slice(0, 12).arrayBuffer().catch(() => new ArrayBuffer(0));
  const start = String.fromCharCode(...new Uint8Array(bytes));
  if (/^\xff\xd8\xff|^\x89PNG\r\n|^GIF8|^RIFF[^]{4}WEBP/.test(start)) return "photo";
  return /^[^]{4}ftyp(hei|hev|mif1|msf1)/.test(start) ? "heic" : "not_supported";
}

let pasted = 0;

// Passes good files on to `send` and says what is wrong with the others.
export function takeFilesFor(send) {
  const form = byId("upload-form");
  const input = byId("file");
  const camera = byId("camera");

  async function take(files) {
    const { good, refused } = await check(files);
    alertWith();
    alertWith(...refused);
    input.toggleAttribute("aria-invalid", refused.length > 0);
    if (refused.length > 0) input.setAttribute("aria-invalid", "true");
    send(good);
  }

  for (const field of [input, camera]) {
    field.addEventListener("change", () => {
      const files = [...field.files];
      field.value = "";
      if (files.length > 0) take(files);
    });
  }
  input.required = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    input.click();
  });
  document.addEventListener("paste", (event) => {
    if (event.target.closest?.("input:not([type=file]), textarea, [contenteditable]")) return;
    const files = [...event.clipboardData.files].map(named);
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  takeDrops(take);
}

// A screenshot comes with a name that is the same for all of them.
function named(file) {
  if (file.name && !/^image\.\w+$/.test(file.name)) return file;
  const day = new Date().toLocaleDateString("sv");
  const extension = file.type.split("/")[1]?.replace("jpeg", "jpg") ?? "png";
  pasted += 1;
  return new File([file], `pasted-${day}-${pasted}.${extension}`, { type: file.type });
}

function takeDrops(take) {
  const overlay = byId("drop-overlay");
  let depth = 0; // of elements, as a drag enters and leaves each by itself
  const end = () => {
    depth = 0;
    overlay.hidden = true;
  };
  const on = (name, react) => document.addEventListener(name, (event) => isOfFiles(event) && react(event));
  on("dragenter", () => {
    depth += 1;
    overlay.hidden = false;
  });
  on("dragover", ({ dataTransfer }) => (dataTransfer.dropEffect = "copy"));
  on("dragleave", () => {
    depth -= 1;
    if (depth <= 0) end();
  });
  on("drop", ({ dataTransfer }) => {
    end();
    take([...dataTransfer.files]);
  });
}
