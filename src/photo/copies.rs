//! The copies of a photo for pages: each is made from the next larger one, and the photo itself is
//! scaled once.

use std::borrow::Cow;

use super::decode::decode_scaled;
use super::encode::encode;
use super::format::PhotoFormat;
use super::picture::Picture;
use super::placeholder;
use super::preview::{
    PREVIEW_LONG_SIDE, Rendition, SMALL_LONG_SIDE, THUMBNAIL_QUALITY, TILE_LONG_SIDE, preview_of,
    shrunk, thumbnail_format,
};
use super::problem::PhotoProblem;

/// The copies of a photo for pages. None is larger than the photo; but for the tile, none is as
/// large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    /// With a long side of 1280 pixels.
    pub large: Option<Rendition>,
    /// With a long side of at most 640 pixels.
    pub tile: Rendition,
    /// With a long side of 320 pixels.
    pub small: Option<Rendition>,
    /// What to show until one of them has come: a `ThumbHash`, in base64.
    pub placeholder: String,
}

/// What a photo is shown as while it waits for Ponka: its [`preview`](super::preview), and copies.
///
/// # Errors
/// Every [`PhotoProblem`] that the photo has.
pub fn preview_with_copies(original: &[u8]) -> Result<(Rendition, Copies), PhotoProblem> {
    let (info, picture) = decode_scaled(original, PREVIEW_LONG_SIDE)?;
    // What was decoded at a scale of its own is rounded otherwise.
    let (width, height) = shrunk((info.width, info.height), PREVIEW_LONG_SIDE);
    let picture = if (width, height) == (picture.width, picture.height) {
        picture
    } else {
        picture.resized(width, height)
    };
    Ok((preview_of(&picture, info.format)?, Copies::of(picture, info.format)?))
}

impl Copies {
    /// The copies of a picture that was a photo of this format.
    pub(super) fn of(picture: Picture, format: PhotoFormat) -> Result<Self, PhotoProblem> {
        let own = (picture.width, picture.height);
        let (width, height) = shrunk(own, PREVIEW_LONG_SIDE);
        let at_most_large = picture.resized(width, height);
        let tile = scaled_down(&at_most_large, TILE_LONG_SIDE);
        let small = scaled_down(&tile, SMALL_LONG_SIDE);
        let is_smaller = |copy: &Picture| copy.width < own.0 || copy.height < own.1;
        let copy = |copy: &Picture| rendition(copy, format);
        let if_smaller = |it: &Picture| is_smaller(it).then(|| copy(it)).transpose();
        Ok(Self {
            large: if_smaller(&at_most_large)?,
            tile: copy(&tile)?,
            small: if_smaller(&small)?,
            placeholder: placeholder::thumb_hash(&small),
        })
    }
}

fn scaled_down(picture: &Picture, long_side: u32) -> Cow<'_, Picture> {
    let own = (picture.width, picture.height);
    match shrunk(own, long_side) {
        same if same == own => Cow::Borrowed(picture),
        (width, height) => Cow::Owned(picture.resized_copy(width, height)),
    }
}

fn rendition(picture: &Picture, format: PhotoFormat) -> Result<Rendition, PhotoProblem> {
    let format = thumbnail_format(format);
    let bytes = encode(picture, format, THUMBNAIL_QUALITY)?;
    Ok(Rendition { bytes, format, width: picture.width, height: picture.height })
}
