//! Decoded pixels on their way through the pipeline.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};

pub(crate) use ponka_resample::Layout;

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
    pub(crate) fn resized(self, width: u32, height: u32) -> Self {
        let (size, layout) = ((self.width, self.height), self.layout);
        if (width, height) == size {
            return self;
        }
        let pixels = ponka_resample::resized(self.pixels, layout, size, (width, height));
        Self { width, height, layout, pixels }
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
