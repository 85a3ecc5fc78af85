//! Pixels to files: never more than pixels, so no metadata can leak.

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use libjpeg_turbo_rs::{PixelFormat, Subsampling, compress};

use super::format::PhotoFormat;
use super::picture::{Layout, Picture};
use super::problem::PhotoProblem;

/// A way to write JPEGs; there may be a faster one some day, and this is the seam for it.
pub(crate) trait JpegEncoder {
    /// The picture as a baseline JPEG; `quality` runs from 1 to 100. Alpha is dropped.
    fn encode(&self, picture: &Picture, quality: u8) -> Result<Vec<u8>, PhotoProblem>;
}

/// The JPEG encoder in use.
const JPEG: &dyn JpegEncoder = &TurboJpeg;

/// libjpeg-turbo in Rust, with its SIMD and its bytes; chroma at half the resolution as cameras do.
/// It only ever sees our own pixels: reading strangers' files is left to decoders older than it.
struct TurboJpeg;

impl JpegEncoder for TurboJpeg {
    fn encode(&self, picture: &Picture, quality: u8) -> Result<Vec<u8>, PhotoProblem> {
        let colors = match picture.layout {
            Layout::Rgb => PixelFormat::Rgb,
            Layout::Rgba => PixelFormat::Rgba,
        };
        let (width, height) = (picture.width as usize, picture.height as usize);
        compress(&picture.pixels, width, height, colors, quality, Subsampling::S420).map_err(failed)
    }
}

/// Encodes a picture; `quality` (1–100) matters to JPEG and WebP, alpha to all but JPEG.
pub(super) fn encode(
    picture: &Picture,
    format: PhotoFormat,
    quality: u8,
) -> Result<Vec<u8>, PhotoProblem> {
    match format {
        PhotoFormat::Jpeg => JPEG.encode(picture, quality),
        PhotoFormat::Png => png(picture),
        PhotoFormat::WebP => webp(picture, quality),
        PhotoFormat::Gif => gif(picture),
    }
}

fn png(picture: &Picture) -> Result<Vec<u8>, PhotoProblem> {
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(&picture.pixels, picture.width, picture.height, colors(picture))
        .map_err(failed)?;
    Ok(file)
}

/// libwebp writes what our own pixels say; reading strangers' files is left to safe Rust.
fn webp(picture: &Picture, quality: u8) -> Result<Vec<u8>, PhotoProblem> {
    let encoder = match picture.layout {
        Layout::Rgba => webp::Encoder::from_rgba(&picture.pixels, picture.width, picture.height),
        _ => webp::Encoder::from_rgb(&picture.pixels, picture.width, picture.height),
    };
    let file = encoder
        .encode_simple(false, f32::from(quality))
        .map_err(|error| failed(format!("{error:?}")))?;
    Ok(file.to_vec())
}

/// The palette's quality against its speed, 1 (best) to 30: at 10 both are good.
const PALETTE_SPEED: i32 = 10;

fn gif(picture: &Picture) -> Result<Vec<u8>, PhotoProblem> {
    let mut file = Vec::new();
    GifEncoder::new_with_speed(&mut file, PALETTE_SPEED)
        .encode(&picture.pixels, picture.width, picture.height, colors(picture))
        .map_err(failed)?;
    Ok(file)
}

fn colors(picture: &Picture) -> ExtendedColorType {
    match picture.layout {
        Layout::Rgba => ExtendedColorType::Rgba8,
        _ => ExtendedColorType::Rgb8,
    }
}

fn failed(error: impl std::fmt::Display) -> PhotoProblem {
    PhotoProblem::Encode(error.to_string())
}
