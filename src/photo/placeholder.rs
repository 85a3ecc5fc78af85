//! What stands in for a photo until it has come: a few coloured clouds, in two dozen bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::encode::encode;
use super::format::PhotoFormat;
use super::picture::{Layout, Picture};

/// The long side of what is hashed, in pixels: the hash keeps seven waves across at most.
const HASHED_SIDE: u32 = 64;
/// The long side of a placeholder, in pixels: enough for seven waves, and a page has sixty of them.
const SHOWN_SIDE: u32 = 16;

/// The `ThumbHash` of a picture, in base64.
pub(super) fn thumb_hash(picture: &Picture) -> String {
    let (width, height) = fit((picture.width, picture.height), HASHED_SIDE);
    let picture = picture.resized_copy(width, height);
    let pixels = match picture.layout {
        Layout::Rgba => picture.pixels,
        Layout::Rgb => {
            let pixels = picture.pixels.as_chunks::<3>().0.iter();
            pixels.flat_map(|[red, green, blue]| [*red, *green, *blue, 255]).collect()
        }
    };
    STANDARD.encode(thumbhash::rgba_to_thumb_hash(width as usize, height as usize, &pixels))
}

/// The placeholder of a `ThumbHash` in base64, as a small PNG; `None` if it is none.
#[must_use]
pub fn placeholder_png(thumb_hash: &str) -> Option<Vec<u8>> {
    let hash = STANDARD.decode(thumb_hash).ok()?;
    let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&hash).ok()?;
    let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let is_opaque = pixels.as_chunks::<4>().0.iter().all(|pixel| pixel[3] == 255);
    let (layout, pixels) = if is_opaque {
        let pixels = pixels.as_chunks::<4>().0.iter();
        (Layout::Rgb, pixels.flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect())
    } else {
        (Layout::Rgba, pixels)
    };
    let picture = Picture { width: size.0, height: size.1, layout, pixels };
    let (width, height) = fit(size, SHOWN_SIDE);
    encode(&picture.resized(width, height), PhotoFormat::Png, 0).ok()
}

/// The size with about this shape and exactly this long side.
fn fit((width, height): (u32, u32), long_side: u32) -> (u32, u32) {
    let longest = width.max(height);
    let scale = |side: u32| (side * long_side / longest).max(1);
    (scale(width), scale(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32, color: &[u8]) -> Picture {
        let layout = if color.len() == 3 { Layout::Rgb } else { Layout::Rgba };
        Picture { width, height, layout, pixels: color.repeat((width * height) as usize) }
    }

    #[test]
    fn a_placeholder_has_about_the_color_and_the_shape() {
        for (size, color) in [((320, 240), [200, 80, 40]), ((90, 320), [20, 20, 220])] {
            let hash = thumb_hash(&plain(size.0, size.1, &color));
            assert!(hash.len() <= 40, "{hash}");
            let png = placeholder_png(&hash).unwrap();
            let shown = image::load_from_memory(&png).unwrap().into_rgba8();
            assert_eq!(shown.width().max(shown.height()), SHOWN_SIDE);
            assert_eq!(shown.width() > shown.height(), size.0 > size.1);
            let pixel = shown.get_pixel(shown.width() / 2, shown.height() / 2);
            let apart = pixel.0.iter().zip(color).map(|(a, b)| a.abs_diff(b)).max();
            assert!(apart.is_some_and(|apart| apart < 24), "{pixel:?} {color:?}");
        }
    }

    #[test]
    fn every_shape_has_one_and_nonsense_has_none() {
        for size in [(1, 1), (320, 1), (1, 320), (3, 2)] {
            for color in [&[9, 9, 9][..], &[200, 0, 0, 0], &[0, 0, 0, 128]] {
                let hash = thumb_hash(&plain(size.0, size.1, color));
                let png = placeholder_png(&hash).unwrap();
                assert!(png.starts_with(b"\x89PNG") && png.len() < 1200, "{size:?}");
            }
        }
        for nonsense in ["", "x", "AAAA", "é", "<svg>"] {
            assert_eq!(placeholder_png(nonsense), None, "{nonsense}");
        }
    }
}
