//! The first look at a photo, which decides how much it may cost.

use image::ImageFormat;
use ponka::photo::inspect;

use super::inputs;
use crate::support::photos;

#[test]
fn no_header_of_a_photo_is_beyond_the_limits() {
    let jpeg = photos::with_metadata(&photos::jpeg(64, 48));
    let others = [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif].map(photos::encoded);
    let examples = [&jpeg[..], &others[0], &others[1], &others[2]];
    for input in inputs(&examples) {
        if let Ok(info) = inspect(&input) {
            let (width, height) = (u64::from(info.width), u64::from(info.height));
            assert!(width * height > 0 && width.max(height) <= 12_000, "{width} x {height}");
            assert!(width * height <= 50_000_000, "{width} x {height}");
        }
    }
}
