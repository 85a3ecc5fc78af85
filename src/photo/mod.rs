//! The photo pipeline: bytes in, bytes out; it knows no web, no database and no queue.
//!
//! ```text
//! upload ── inspect ──► PhotoInfo or PhotoProblem        headers only, microseconds
//!        ── preview_with_copies ──► Rendition, Copies    what is shown meanwhile
//!        ── Ponkaficator ──► Rendition, Copies           the photo with Ponka on it
//! ```
//!
//! Nothing of an upload but its pixels ever comes out again: every output is encoded anew, without
//! EXIF, GPS, comments or trailing bytes.

mod copies;
mod decode;
mod encode;
mod format;
mod inspect;
mod overlay;
mod picture;
mod placeholder;
mod ponka;
mod ponkaficator;
mod preview;
mod problem;
#[cfg(test)]
mod tests;

pub use self::copies::{Copies, preview_with_copies};
pub use self::format::PhotoFormat;
pub use self::inspect::{MAX_PIXELS, MAX_SIDE, PhotoInfo, inspect};
pub use self::placeholder::placeholder_png;
pub use self::ponka::Pose;
pub use self::ponkaficator::Ponkaficator;
pub use self::preview::{
    PREVIEW_LONG_SIDE, Rendition, SMALL_LONG_SIDE, TILE_LONG_SIDE, preview, shrunk, thumbnail,
};
pub use self::problem::PhotoProblem;
