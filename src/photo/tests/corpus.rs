//! Files that somebody would send to do harm, or by accident: bombs, lies, polyglots, halves.

use super::samples::{jpeg, scene, with_segment};

/// Markup that must never come out again.
pub(super) const SCRIPT: &[u8] = b"<script>alert(1)</script>";

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// One PNG chunk with its checksum.
pub(super) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let body = [&kind[..], data].concat();
    let checksum = crc32(&body).to_be_bytes();
    [&length[..], &body, &checksum].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A PNG whose header claims any size while its body holds two bytes.
pub(super) fn lying_png(width: u32, height: u32, color_type: u8) -> Vec<u8> {
    let header =
        [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, color_type, 0, 0, 0]].concat();
    // zlib, one stored block of two zero bytes, and its Adler-32
    let data = b"\x78\x01\x01\x02\0\xfd\xff\0\0\0\x02\0\x01";
    [SIGNATURE, &chunk(b"IHDR", &header), &chunk(b"IDAT", data), &chunk(b"IEND", b"")].concat()
}

/// A PNG with one more chunk behind its header.
pub(super) fn png_with(png: &[u8], kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let after_header = SIGNATURE.len() + 25;
    [&png[..after_header], &chunk(kind, data), &png[after_header..]].concat()
}

/// A JPEG of 64 × 64 real pixels that claims to be a square of `side`.
pub(super) fn lying_jpeg(side: u16, progressive: bool) -> Vec<u8> {
    let mut file = jpeg(&scene(64, 64), progressive);
    let marker = if progressive { [0xff, 0xc2] } else { [0xff, 0xc0] };
    let frame = file.windows(2).position(|pair| pair == marker).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&side.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&side.to_be_bytes());
    file
}

/// A GIF with a canvas of `side` squared and any number of tiny frames, 680 KB at 20,000.
pub(super) fn gif_of_frames(side: u16, frames: usize) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend([side.to_le_bytes(), side.to_le_bytes()].concat());
    file.extend(b"\x80\0\0\0\0\0\xff\xff\xff");
    let mut frame = b"\x21\xf9\x04\0\x01\0\0\0\x2c\0\0\0\0\x04\0\x04\0\0\x02".to_vec();
    // sixteen times "clear, black", then "end", three bits each
    let codes = (0..16).flat_map(|_| [4_u8, 0]).chain([5]);
    let bits: Vec<u8> = codes.flat_map(|code| (0..3).map(move |bit| code >> bit & 1)).collect();
    let bytes: Vec<u8> =
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect();
    frame.push(u8::try_from(bytes.len()).unwrap());
    frame.extend(bytes);
    frame.push(0);
    file.extend(frame.repeat(frames));
    file.push(b';');
    file
}

/// A good JPEG with markup in a comment and behind its end.
pub(super) fn jpeg_with_html() -> Vec<u8> {
    let file = with_segment(&jpeg(&scene(64, 64), false), 0xfe, SCRIPT);
    [&file[..], SCRIPT].concat()
}

/// The `GIF89a` that is really a script.
pub(super) fn gif_with_html() -> Vec<u8> {
    [b"GIF89a/*\0\0\0\0*/=1;//", SCRIPT].concat()
}

/// A JPEG whose EXIF holds a whole thumbnail, cut off in the middle of its own pixels.
pub(super) fn half_jpeg_with_whole_thumbnail() -> Vec<u8> {
    let thumbnail = [b"Exif\0\0", &jpeg(&scene(32, 24), false)[..]].concat();
    let file = with_segment(&jpeg(&scene(320, 240), false), 0xe1, &thumbnail);
    file[..file.len() * 2 / 3].to_vec()
}
