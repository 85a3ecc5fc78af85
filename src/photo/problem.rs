//! Everything that can be wrong with a photo.

use super::inspect::{MAX_PIXELS, MAX_SIDE};

/// Why a photo was refused. The text is for logs; the sentence for people belongs to [`Self::code`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhotoProblem {
    /// Not one of our formats, or a rare kind of one of them (arithmetic or lossless JPEG).
    #[error("not a JPEG, PNG, WebP or GIF image that we can read")]
    NotSupported,
    /// A HEIC or HEIF photo, as iPhones make: worth a sentence of its own.
    #[error("a HEIC photo")]
    Heic,
    /// More than 50 megapixels, or more memory than a photo may take.
    #[error("{width} × {height} pixels are more than {} megapixels", MAX_PIXELS / 1_000_000)]
    TooManyPixels {
        /// Width in pixels, as the header says.
        width: u32,
        /// Height in pixels, as the header says.
        height: u32,
    },
    /// One side is longer than 12,000 pixels.
    #[error("a side of {width} × {height} pixels is longer than {MAX_SIDE}")]
    SideTooLong {
        /// Width in pixels, as the header says.
        width: u32,
        /// Height in pixels, as the header says.
        height: u32,
    },
    /// The file ends too early.
    #[error("the file is cut off")]
    Incomplete,
    /// The file is all there and makes no sense; what the decoder said.
    #[error("damaged: {0}")]
    Damaged(String),
    /// We could not encode our own pixels: never the photo's fault.
    #[error("could not encode: {0}")]
    Encode(String),
}

impl PhotoProblem {
    /// The code in the message catalogue, under which the sentence for people is found.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSupported => "not_supported",
            Self::Heic => "heic",
            Self::TooManyPixels { .. } | Self::SideTooLong { .. } => "too_many_pixels",
            Self::Incomplete | Self::Damaged(_) => "incomplete",
            Self::Encode(_) => "unavailable",
        }
    }
}
