//! The photo pipeline: bytes in, bytes out; it knows no web, no database and no queue.
//!
//! ```text
//! upload ── inspect ──► PhotoInfo or PhotoProblem        headers only, microseconds
//!        ── preview / thumbnail ──► Rendition            clean, small copies
//!        ── Ponkaficator::ponkafy ──► bytes              the photo with Ponka on it
//! ```
//!
//! Nothing of an upload but its pixels ever comes out again: every output is encoded anew, without
//! EXIF, GPS, comments or trailing bytes.

mod decode;
mod encode;
mod format;
mod inspect;
mod overlay;
mod picture;
mod ponka;
mod ponkaficator;
mod preview;
mod problem;
#[cfg(test)]
mod tests;

pub use self::format::PhotoFormat;
pub use self::inspect::{MAX_PIXELS, MAX_SIDE, PhotoInfo, inspect};
pub use self::ponka::Pose;
pub use self::ponkaficator::Ponkaficator;
pub use self::preview::{PREVIEW_LONG_SIDE, Rendition, TILE_LONG_SIDE, preview, thumbnail};
pub use self::problem::PhotoProblem;
