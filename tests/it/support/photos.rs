//! Photos made by code: good ones, and files that only pretend.

use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder};

/// A JPEG with a gradient, so that Ponka stands out.
pub(crate) fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let image = picture(u32::from(width), u32::from(height));
    let mut file = Vec::new();
    let encoder = Encoder::new(&mut file, 90);
    encoder.encode(image.as_raw(), width, height, ColorType::Rgb).expect("writes to memory");
    file
}

/// A photo of everyday size for these tests.
pub(crate) fn cat() -> Vec<u8> {
    jpeg(320, 240)
}

/// A photo in which nothing can be left out: its renditions are large, too.
pub(crate) fn noise(width: u16, height: u16) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    let pixels: Vec<u8> =
        (0..usize::from(width) * usize::from(height) * 3).map(|_| random.u8(..)).collect();
    let mut file = Vec::new();
    let encoder = Encoder::new(&mut file, 90);
    encoder.encode(&pixels, width, height, ColorType::Rgb).expect("writes to memory");
    file
}

/// The same picture as a file of another format.
pub(crate) fn encoded(format: image::ImageFormat) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    picture(320, 240).write_to(&mut file, format).expect("writes to memory");
    file.into_inner()
}

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let shade = |part: u32, whole: u32| u8::try_from(part * 200 / whole).unwrap_or(200);
        image::Rgb([40 + shade(x, width) / 2, 60 + shade(y, height) / 2, 180])
    })
}

/// The photo with metadata of every kind that gives its owner away.
pub(crate) fn with_metadata(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x07\0\0\0\x1a\0\0\0".to_vec();
    exif.extend(b"\0\0\0\0SpyCam\0 GPS 48.2082N 16.3738E");
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>serial SpyCam</x:xmpmeta>";
    let comment = b"<script>alert(1)</script> SpyCam";
    let photo = with_segment(jpeg, 0xe1, &exif);
    let photo = with_segment(&photo, 0xe1, xmp);
    [&with_segment(&photo, 0xfe, comment)[..], b"<html>SpyCam trailing"].concat()
}

fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a short segment");
    [&jpeg[..2], &[0xff, marker], &length.to_be_bytes(), body, &jpeg[2..]].concat()
}

/// The photo, but its header says that it has other dimensions.
pub(crate) fn lying(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let marker = |window: &[u8]| window[0] == 0xff && matches!(window[1], 0xc0 | 0xc2);
    let at = jpeg.windows(2).position(marker).expect("a frame header");
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    [&jpeg[..at + 5], &size, &jpeg[at + 9..]].concat()
}

/// A PNG whose header says that it has these dimensions, and that has almost no pixels.
pub(crate) fn lying_png(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let pixels = b"\x78\x9c\x63\x60\x60\x60\x60\x00\x00\x00\x05\x00\x01";
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a short chunk").to_be_bytes();
    let body = [&kind[..], data].concat();
    [&length[..], &body, &crc(&body).to_be_bytes()].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
