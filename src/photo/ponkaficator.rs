//! Puts Ponka on a photo.

use uuid::Uuid;

use super::copies::Copies;
use super::decode::decode;
use super::encode::encode;
use super::format::PhotoFormat;
use super::overlay;
use super::picture::Picture;
use super::ponka::Pose;
use super::preview::Rendition;
use super::problem::PhotoProblem;

/// The quality at which photos are written again, as PHP's image library would.
const QUALITY: u8 = 90;

/// Draws Ponka at the bottom right of photos. Holds nothing, so a clone costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ponkaficator;

impl Ponkaficator {
    /// A Ponkaficator, ready to draw.
    #[must_use]
    pub fn new() -> Self {
        Self
    }

    /// The photo with Ponka on it, upright, in its own format and size, with no metadata. The
    /// same photo and id give the same bytes, so a message delivered twice does no harm.
    ///
    /// This is CPU work of about 0.1 s for 12 megapixels: call it off the async threads.
    ///
    /// # Errors
    /// Every [`PhotoProblem`] that the photo has.
    pub fn ponkafy(&self, original: &[u8], id: Uuid) -> Result<Vec<u8>, PhotoProblem> {
        let (format, photo) = draw(original, id)?;
        encode(&photo, format, QUALITY)
    }

    /// The same, with the copies for pages, which are made while its pixels are at hand.
    ///
    /// # Errors
    /// Every [`PhotoProblem`] that the photo has.
    pub fn ponkafy_with_copies(
        &self,
        original: &[u8],
        id: Uuid,
    ) -> Result<(Rendition, Copies), PhotoProblem> {
        let (format, photo) = draw(original, id)?;
        let (width, height) = (photo.width, photo.height);
        let whole = Rendition { bytes: encode(&photo, format, QUALITY)?, format, width, height };
        Ok((whole, Copies::of(photo, format)?))
    }
}

fn draw(original: &[u8], id: Uuid) -> Result<(PhotoFormat, Picture), PhotoProblem> {
    let (info, mut photo) = decode(original)?;
    let cat = Pose::for_id(id).picture();
    let (width, height) = overlay::size_on((photo.width, photo.height), (cat.width, cat.height));
    overlay::draw(&mut photo, &cat.resized(width, height));
    Ok((info.format, photo))
}
