//! Photos made by code, the same ones every time, and files with metadata to be lost.

use image::codecs::{gif::GifEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{DynamicImage, ImageEncoder, Rgb, RgbImage, RgbaImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A landscape at sunset, with grain as a camera would add it.
pub(crate) fn scene(width: u32, height: u32) -> RgbImage {
    let mut seed = 0x9e37_79b9_u32;
    let (w, h) = (f64::from(width), f64::from(height));
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / w, f64::from(y) / h);
        let distance = ((u - 0.3) * w).hypot((v - 0.35) * h) / w.min(h);
        let glow = (1.0 - distance * 2.2).max(0.0).powi(2);
        let mut color =
            [70.0 + 150.0 * v + 120.0 * glow, 110.0 + 60.0 * v + 90.0 * glow, 190.0 - 60.0 * v];
        if distance < 0.08 {
            color = [255.0, 236.0, 190.0];
        }
        for hill in 1..=4 {
            let far = f64::from(hill);
            let ridge = 0.42
                + 0.11 * far
                + 0.05 * (u * (9.0 - far) + far * 1.7).sin()
                + 0.015 * (u * 31.0 + far).sin();
            if v > ridge {
                let shade = 1.0 - 0.2 * far;
                color = [110.0 * shade, 60.0 + 80.0 * shade, 50.0 + 70.0 * shade];
            }
        }
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        let grain = f64::from(seed & 15) - 7.5;
        Rgb(color.map(|channel| (channel + grain).clamp(0.0, 255.0) as u8))
    })
}

/// A picture whose four corners are red, green, blue and white, clockwise from the top left.
pub(crate) fn four_corners(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        (false, false) => Rgb([20, 20, 220]),
        (true, false) => Rgb([240, 240, 240]),
    })
}

pub(crate) fn jpeg(image: &RgbImage, progressive: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 92);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(progressive);
    encode_with(encoder, image.as_raw(), image.dimensions(), ColorType::Rgb);
    file
}

/// A JPEG of raw samples, whatever they mean.
pub(crate) fn raw_jpeg(samples: &[u8], size: (u32, u32), kind: ColorType) -> Vec<u8> {
    let mut file = Vec::new();
    encode_with(Encoder::new(&mut file, 95), samples, size, kind);
    file
}

fn encode_with(encoder: Encoder<&mut Vec<u8>>, samples: &[u8], size: (u32, u32), kind: ColorType) {
    let side = |pixels: u32| u16::try_from(pixels).expect("samples are small");
    encoder.encode(samples, side(size.0), side(size.1), kind).expect("writes to memory");
}

pub(crate) fn png(image: &DynamicImage) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = PngEncoder::new(&mut file);
    encoder
        .write_image(image.as_bytes(), image.width(), image.height(), image.color().into())
        .expect("writes to memory");
    file
}

pub(crate) fn webp(image: &RgbaImage) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = image.dimensions();
    WebPEncoder::new_lossless(&mut file)
        .encode(image, width, height, image::ExtendedColorType::Rgba8)
        .expect("writes to memory");
    file
}

pub(crate) fn gif(image: &RgbaImage) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = image.dimensions();
    GifEncoder::new(&mut file)
        .encode(image, width, height, image::ExtendedColorType::Rgba8)
        .expect("writes to memory");
    file
}

/// EXIF with an orientation and the name of a camera, as a TIFF block.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend(b"\x0f\x01\x02\0\x07\0\0\0\x26\0\0\0"); // Make: 7 bytes at 38
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(b"SpyCam\0");
    tiff
}

/// A JPEG with one more segment right behind its start.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a short segment");
    let head = [&[0xff, marker][..], &length.to_be_bytes(), body].concat();
    [&jpeg[..2], &head, &jpeg[2..]].concat()
}

/// A WebP in the extended container, with EXIF as Pillow writes it: prefix and all.
pub(crate) fn webp_with_exif(image: &RgbaImage, orientation: u8) -> Vec<u8> {
    let simple = webp(image);
    let side = |pixels: u32| (pixels - 1).to_le_bytes()[..3].to_vec();
    let canvas = [vec![0x18, 0, 0, 0], side(image.width()), side(image.height())].concat();
    let mut exif = [b"Exif\0\0", &exif(orientation)[..]].concat();
    exif.resize(exif.len().next_multiple_of(2), 0);
    let mut body = b"WEBP".to_vec();
    for (kind, data) in [(b"VP8X", &canvas[..]), (b"EXIF", &exif[..])] {
        body.extend(kind);
        body.extend(u32::try_from(data.len()).expect("a short chunk").to_le_bytes());
        body.extend(data);
        if kind == b"VP8X" {
            body.extend(&simple[12..]);
        }
    }
    let length = u32::try_from(body.len()).expect("a small file").to_le_bytes();
    [b"RIFF", &length[..], &body].concat()
}
