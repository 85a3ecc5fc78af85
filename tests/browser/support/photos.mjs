// Files to upload.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

const fixtures = new URL("../../fixtures/photos/", import.meta.url).pathname;

/// A real photo.
export const cat = (name = "cat.jpg") => ({ name, mimeType: "image/jpeg", buffer: readFileSync(join(fixtures, "landscape.jpg")) });
export const portrait = (name = "portrait.jpg") => ({ name, mimeType: "image/jpeg", buffer: readFileSync(join(fixtures, "portrait.jpg")) });

let seed = 1;
const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16;

/// A small photo unlike any before.
export const small = (name = "small.png") => png(name, 32, 24);

/// A photo of at least so many bytes: noise, which does not compress.
export const heavy = (name, bytes) => png(name, 1000, Math.ceil(bytes / 3000));

/// Not an image.
export const text = (name = "notes.jpg") => ({ name, mimeType: "image/jpeg", buffer: Buffer.from("Dear diary, today no photo. ".repeat(8)) });

/// The first bytes of a photo from an iPhone.
export const heic = (name = "IMG_1.HEIC") => ({ name, mimeType: "image/heic", buffer: Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic".padEnd(600, "\0"), "latin1") });

function png(name, width, height) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let at = 0; at < rows.length; at += 1) rows[at] = at % (1 + width * 3) === 0 ? 0 : random();
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const buffer = Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 1 })), chunk("IEND", Buffer.alloc(0)),
  ]);
  return { name, mimeType: "image/png", buffer };
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}
