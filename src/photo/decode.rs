//! The only place where pixels of strangers are decoded: limits first, panics caught.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{DynamicImage, ImageDecoder, ImageError, Limits};
use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

use super::format::PhotoFormat;
use super::inspect::{MAX_SIDE, PhotoInfo, inspect};
use super::picture::{Layout, Picture};
use super::problem::PhotoProblem;

/// What one decoder may allocate, in bytes.
const MAX_ALLOC: u64 = 256 << 20;

/// A photo's pixels, all of them, upright.
pub(super) fn decode(bytes: &[u8]) -> Result<(PhotoInfo, Picture), PhotoProblem> {
    let info = inspect(bytes)?;
    let picture = guarded(|| match info.format {
        PhotoFormat::Jpeg => jpeg(bytes),
        _ => other(bytes, info),
    })?;
    Ok((info, picture.upright(info.orientation)))
}

/// A photo's pixels in RGB or RGBA, upright, possibly already scaled down, but with at least
/// `long_side` pixels on the long side if the photo has them. Cheap for large JPEGs, whose blocks
/// of 8 × 8 are then decoded straight to 4 × 4, 2 × 2 or a single pixel.
pub(super) fn decode_scaled(
    bytes: &[u8],
    long_side: u32,
) -> Result<(PhotoInfo, Picture), PhotoProblem> {
    let info = inspect(bytes)?;
    let picture = guarded(|| match info.format {
        PhotoFormat::Jpeg => scaled_jpeg(bytes, long_side),
        _ => other(bytes, info),
    })?;
    Ok((info, picture.upright(info.orientation)))
}

/// Decoders are other people's code fed by strangers: a panic in one is a damaged photo, not a
/// dead worker. Nothing is shared with the closure that a panic could leave half done.
fn guarded(
    decode: impl FnOnce() -> Result<Picture, PhotoProblem>,
) -> Result<Picture, PhotoProblem> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_panic| Err(PhotoProblem::Damaged("the decoder panicked".into())))
}

fn other(bytes: &[u8], info: PhotoInfo) -> Result<Picture, PhotoProblem> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    let reader = Cursor::new(bytes);
    match info.format {
        PhotoFormat::Png => {
            PngDecoder::with_limits(reader, limits.clone()).and_then(|png| within(png, limits))
        }
        PhotoFormat::WebP => WebPDecoder::new(reader).and_then(|webp| within(webp, limits)),
        _ => GifDecoder::new(reader).and_then(|gif| within(gif, limits)),
    }
    .map(Picture::from_image)
    .map_err(|error| match error {
        ImageError::Limits(_) => {
            PhotoProblem::TooManyPixels { width: info.width, height: info.height }
        }
        error => PhotoProblem::Damaged(error.to_string()),
    })
}

/// `DynamicImage::from_decoder` alone allocates whatever a header claims: the reservation must
/// come first.
fn within(mut decoder: impl ImageDecoder, mut limits: Limits) -> Result<DynamicImage, ImageError> {
    limits.check_dimensions(decoder.dimensions().0, decoder.dimensions().1)?;
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    DynamicImage::from_decoder(decoder)
}

/// The whole JPEG, with the fastest decoder; gray becomes RGB, and so do the CMYK kinds.
fn jpeg(bytes: &[u8]) -> Result<Picture, PhotoProblem> {
    let side = MAX_SIDE as usize;
    let options = DecoderOptions::default().set_max_width(side).set_max_height(side);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let info = decoder.info().ok_or(PhotoProblem::Incomplete)?;
    if info.components == 3 && decoder.input_colorspace() != Some(ColorSpace::YCbCr) {
        return rgb_jpeg(bytes);
    }
    decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::RGB));
    let pixels = decoder.decode().map_err(damaged)?;
    sized(info.width.into(), info.height.into(), Layout::Rgb, pixels)
}

/// The rare JPEG that stores red, green and blue themselves, which only this decoder knows.
fn rgb_jpeg(bytes: &[u8]) -> Result<Picture, PhotoProblem> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let pixels = decoder.decode().map_err(damaged)?;
    let info = decoder.info().ok_or(PhotoProblem::Incomplete)?;
    sized(u32::from(info.width), u32::from(info.height), Layout::Rgb, pixels)
}

fn scaled_jpeg(bytes: &[u8], long_side: u32) -> Result<Picture, PhotoProblem> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.read_info().map_err(damaged)?;
    let info = decoder.info().ok_or(PhotoProblem::Incomplete)?;
    if info.pixel_format == jpeg_decoder::PixelFormat::CMYK32 {
        return jpeg(bytes); // left as CMYK by this decoder
    }
    let wanted = u16::try_from(long_side).unwrap_or(u16::MAX);
    let (width, height) = decoder.scale(wanted, wanted).map_err(damaged)?;
    let mut pixels = decoder.decode().map_err(damaged)?;
    if info.pixel_format == jpeg_decoder::PixelFormat::L8 {
        pixels = pixels.into_iter().flat_map(|gray| [gray; 3]).collect();
    }
    sized(width.into(), height.into(), Layout::Rgb, pixels)
}

/// Holds the decoders to the size they promised: all that follows relies on it.
fn sized(
    width: u32,
    height: u32,
    layout: Layout,
    pixels: Vec<u8>,
) -> Result<Picture, PhotoProblem> {
    if pixels.len() != width as usize * height as usize * layout.bytes_per_pixel() {
        return Err(PhotoProblem::Damaged("the decoder returned another size".into()));
    }
    Ok(Picture { width, height, layout, pixels })
}

fn damaged(error: impl std::fmt::Display) -> PhotoProblem {
    PhotoProblem::Damaged(error.to_string())
}
