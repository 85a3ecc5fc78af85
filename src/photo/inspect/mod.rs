//! Looks at a photo's headers: what it is, how large, which way up, and whether all of it arrived.

mod gif;
mod jpeg;
mod png;
mod reader;
mod webp;

use image::metadata::Orientation;

use super::format::PhotoFormat;
use super::problem::PhotoProblem;

/// The longest side that is taken, in pixels.
pub const MAX_SIDE: u32 = 12_000;
/// The largest area that is taken, in pixels.
pub const MAX_PIXELS: u64 = 50_000_000;

/// What the headers of an acceptable photo say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PhotoInfo {
    /// The format, by magic bytes.
    pub format: PhotoFormat,
    /// Width in pixels of the upright photo.
    pub width: u32,
    /// Height in pixels of the upright photo.
    pub height: u32,
    /// How the stored pixels must be turned to stand upright.
    pub orientation: Orientation,
}

/// Reads the headers of a photo, decodes no pixel, and takes microseconds even on a bomb.
///
/// # Errors
/// Any [`PhotoProblem`]: wrong format, more than 12,000 px a side or 50 megapixels, no pixels at
/// all, or cut off.
pub fn inspect(bytes: &[u8]) -> Result<PhotoInfo, PhotoProblem> {
    let format = PhotoFormat::sniff(bytes)?;
    let header = match format {
        PhotoFormat::Jpeg => jpeg::header(bytes)?,
        PhotoFormat::Png => png::header(bytes)?,
        PhotoFormat::WebP => webp::header(bytes)?,
        PhotoFormat::Gif => gif::header(bytes)?,
    };
    let (width, height) = match header.orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (header.height, header.width),
        _ => (header.width, header.height),
    };
    Ok(PhotoInfo { format, width, height, orientation: header.orientation })
}

/// What each format's reader finds out; sizes as stored, before any turning.
struct Header {
    width: u32,
    height: u32,
    orientation: Orientation,
}

/// Refuses sizes over the limits, and empty ones, before anything is allocated for them.
fn check_size(width: u32, height: u32) -> Result<(), PhotoProblem> {
    if width == 0 || height == 0 {
        return Err(PhotoProblem::Damaged(format!("an image of {width} × {height} pixels")));
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PhotoProblem::TooManyPixels { width, height });
    }
    if width.max(height) > MAX_SIDE {
        return Err(PhotoProblem::SideTooLong { width, height });
    }
    Ok(())
}

/// The orientation in a block of EXIF, with or without the `Exif\0\0` that belongs to JPEG only but
/// that many programs write into WebP too; a broken block means "upright".
fn orientation(exif: &[u8]) -> Orientation {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    Orientation::from_exif_chunk(tiff).unwrap_or(Orientation::NoTransforms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_inclusive() {
        assert_eq!(check_size(12_000, 4_166), Ok(()));
        assert_eq!(check_size(7_071, 7_071), Ok(()));
        assert_eq!(check_size(1, 1), Ok(()));
    }

    #[test]
    fn one_more_is_too_much() {
        let long = PhotoProblem::SideTooLong { width: 12_001, height: 1 };
        assert_eq!(check_size(12_001, 1), Err(long));
        let many = PhotoProblem::TooManyPixels { width: 7_072, height: 7_072 };
        assert_eq!(check_size(7_072, 7_072), Err(many));
        let lie = PhotoProblem::TooManyPixels { width: u32::MAX, height: u32::MAX };
        assert_eq!(check_size(u32::MAX, u32::MAX), Err(lie));
    }

    #[test]
    fn nothing_has_no_size() {
        assert_eq!(check_size(0, 5).unwrap_err().code(), "incomplete");
        assert_eq!(check_size(5, 0).unwrap_err().code(), "incomplete");
    }
}
