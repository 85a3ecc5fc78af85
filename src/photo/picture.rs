//! Decoded pixels on their way through the pipeline.

use fast_image_resize::images::Image;
use fast_image_resize::{MulDiv, PixelType, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};

/// What the bytes of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Red, green, blue: three bytes a pixel.
    Rgb,
    /// Red, green, blue, and straight (not premultiplied) alpha.
    Rgba,
}

impl Layout {
    pub(crate) fn bytes_per_pixel(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// An image in memory, eight bits a channel, row by row, without gaps.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) layout: Layout,
    /// Exactly `width * height * layout.bytes_per_pixel()` bytes.
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    /// Takes over what the `image` crate decoded; copies only if it has other than 8-bit channels.
    pub(crate) fn from_image(image: DynamicImage) -> Self {
        let (width, height) = (image.width(), image.height());
        let (layout, pixels) = if image.color().has_alpha() {
            (Layout::Rgba, image.into_rgba8().into_raw())
        } else {
            (Layout::Rgb, image.into_rgb8().into_raw())
        };
        Self { width, height, layout, pixels }
    }

    /// The picture turned as its orientation asks.
    pub(crate) fn upright(self, orientation: Orientation) -> Self {
        if orientation == Orientation::NoTransforms {
            return self;
        }
        let mut image = self.into_image();
        image.apply_orientation(orientation);
        Self::from_image(image)
    }

    /// The picture at exactly this size, resampled with a filter that keeps edges crisp.
    pub(crate) fn resized(mut self, width: u32, height: u32) -> Self {
        if (width, height) == (self.width, self.height) {
            return self;
        }
        let pixel_type = match self.layout {
            Layout::Rgb => PixelType::U8x3,
            Layout::Rgba => PixelType::U8x4,
        };
        let mut from = Image::from_slice_u8(self.width, self.height, &mut self.pixels, pixel_type)
            .expect("the buffer has the size that the layout says");
        let mut to = Image::new(width, height, pixel_type);
        // In place: the resizer itself would copy all pixels for it.
        let alpha = (self.layout == Layout::Rgba).then(MulDiv::new);
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
        Self { width, height, layout: self.layout, pixels: to.into_vec() }
    }

    /// The same of a picture that is still needed. For small ones: it is copied first.
    pub(crate) fn resized_copy(&self, width: u32, height: u32) -> Self {
        let pixels = self.pixels.clone();
        let copy = Self { width: self.width, height: self.height, layout: self.layout, pixels };
        copy.resized(width, height)
    }

    fn into_image(self) -> DynamicImage {
        let (width, height, pixels) = (self.width, self.height, self.pixels);
        let image = match self.layout {
            Layout::Rgb => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
            Layout::Rgba => {
                RgbaImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8)
            }
        };
        image.expect("the buffer has the size that the layout says")
    }
}
