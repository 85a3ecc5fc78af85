//! Small clean copies of a photo: one to look at while Ponka is on her way, and tiles.

use std::fmt;

use super::decode::decode_scaled;
use super::encode::encode;
use super::format::PhotoFormat;
use super::picture::Picture;
use super::problem::PhotoProblem;

/// The long side of a preview, in pixels.
pub const PREVIEW_LONG_SIDE: u32 = 1280;

/// The long side of a tile of the gallery, in pixels: sharp on dense screens.
pub const TILE_LONG_SIDE: u32 = 640;

/// The long side of the smallest copy, in pixels: a tile on a phone.
pub const SMALL_LONG_SIDE: u32 = 320;

const PREVIEW_QUALITY: u8 = 85;
pub(super) const THUMBNAIL_QUALITY: u8 = 80;

/// A copy of a photo that we encoded ourselves.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendition {
    /// The whole file, ready to be served.
    pub bytes: Vec<u8>,
    /// Its format, which may differ from the photo's.
    pub format: PhotoFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl fmt::Debug for Rendition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (format, bytes) = (self.format, self.bytes.len());
        write!(f, "{format:?} of {} × {} in {bytes} bytes", self.width, self.height)
    }
}

/// Shows a photo while it waits for Ponka: at most 1280 px on the long side, never enlarged, in
/// its own format. Only GIF becomes WebP, whose copies look better and are smaller.
///
/// # Errors
/// Every [`PhotoProblem`] that the photo has.
pub fn preview(original: &[u8]) -> Result<Rendition, PhotoProblem> {
    render(original, PREVIEW_LONG_SIDE, PREVIEW_QUALITY, preview_format)
}

/// A tile for the gallery with this long side in pixels, never enlarged: JPEG of a JPEG, WebP of
/// all others, since theirs may be transparent. A preview is as good an original as the photo.
///
/// # Errors
/// Every [`PhotoProblem`] that the photo has.
pub fn thumbnail(original: &[u8], long_side: u32) -> Result<Rendition, PhotoProblem> {
    render(original, long_side, THUMBNAIL_QUALITY, thumbnail_format)
}

/// A picture that is small enough already, as the preview of a photo of this format.
pub(super) fn preview_of(
    picture: &Picture,
    format: PhotoFormat,
) -> Result<Rendition, PhotoProblem> {
    let format = preview_format(format);
    let bytes = encode(picture, format, PREVIEW_QUALITY)?;
    Ok(Rendition { bytes, format, width: picture.width, height: picture.height })
}

fn preview_format(format: PhotoFormat) -> PhotoFormat {
    match format {
        PhotoFormat::Gif => PhotoFormat::WebP,
        own => own,
    }
}

/// The format of smaller copies of a photo.
pub(super) fn thumbnail_format(format: PhotoFormat) -> PhotoFormat {
    match format {
        PhotoFormat::Jpeg => PhotoFormat::Jpeg,
        _ => PhotoFormat::WebP,
    }
}

fn render(
    original: &[u8],
    long_side: u32,
    quality: u8,
    format_for: impl Fn(PhotoFormat) -> PhotoFormat,
) -> Result<Rendition, PhotoProblem> {
    let (info, mut picture) = decode_scaled(original, long_side)?;
    let (width, height) = shrunk((info.width, info.height), long_side);
    if (width, height) != (picture.width, picture.height) {
        picture = picture.resized(width, height);
    }
    let format = format_for(info.format);
    Ok(Rendition { bytes: encode(&picture, format, quality)?, format, width, height })
}

/// The size of a copy: the same shape, and a long side of at most `long_side` pixels.
#[must_use]
pub fn shrunk((width, height): (u32, u32), long_side: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= long_side {
        return (width, height);
    }
    let scale = |side: u32| {
        let scaled =
            (u64::from(side) * u64::from(long_side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(scaled.max(1)).expect("no larger than the side itself")
    };
    (scale(width), scale(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_side_shrinks_and_the_shape_stays() {
        assert_eq!(shrunk((4000, 3000), 1280), (1280, 960));
        assert_eq!(shrunk((575, 1024), 640), (359, 640));
        assert_eq!(shrunk((12_000, 2), 320), (320, 1));
    }

    #[test]
    fn small_photos_are_not_enlarged() {
        assert_eq!(shrunk((300, 200), 320), (300, 200));
    }
}
