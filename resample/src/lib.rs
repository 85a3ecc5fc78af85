//! Makes pictures smaller or larger.
//!
//! A crate of its own because the code of `fast_image_resize` is compiled where it is used: so a build for
//! tests can have it optimised, which is more than ten times as fast, and nothing else of the gallery.

use fast_image_resize::images::Image;
use fast_image_resize::{MulDiv, PixelType, ResizeOptions, Resizer};

/// What the bytes of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Red, green, blue: three bytes a pixel.
    Rgb,
    /// Red, green, blue, and straight (not premultiplied) alpha.
    Rgba,
}

impl Layout {
    /// How many bytes a pixel has.
    #[must_use]
    pub fn bytes_per_pixel(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// The picture at exactly this size, resampled with a filter that keeps edges crisp. Pixels have eight
/// bits a channel and stand row by row, without gaps.
///
/// # Panics
/// When there are not exactly as many pixels as `width` and `height` say.
#[must_use]
pub fn resized(
    mut pixels: Vec<u8>,
    layout: Layout,
    (width, height): (u32, u32),
    (to_width, to_height): (u32, u32),
) -> Vec<u8> {
    let pixel_type = match layout {
        Layout::Rgb => PixelType::U8x3,
        Layout::Rgba => PixelType::U8x4,
    };
    let mut from = Image::from_slice_u8(width, height, &mut pixels, pixel_type)
        .expect("the buffer has the size that the layout says");
    let mut to = Image::new(to_width, to_height, pixel_type);
    // In place: the resizer itself would copy all pixels for it.
    let alpha = (layout == Layout::Rgba).then(MulDiv::new);
    if let Some(alpha) = &alpha {
        alpha.multiply_alpha_inplace(&mut from).expect("these pixels have alpha");
    }
    let options = ResizeOptions::new().use_alpha(false);
    Resizer::new()
        .resize(&from, &mut to, &options)
        .expect("both sides have the same pixel type, which the resizer knows");
    if let Some(alpha) = &alpha {
        alpha.divide_alpha_inplace(&mut to).expect("these pixels have alpha");
    }
    to.into_vec()
}
