//! A photo as the outside sees it: in JSON and on pages.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::entity::{Photo, PhotoStatus};
use crate::http::catalogue::UploadRefusal;
use crate::http::pages::{PhotoState, PhotoView};
use crate::photo::{
    PREVIEW_LONG_SIDE, PhotoProblem, SMALL_LONG_SIDE, TILE_LONG_SIDE, placeholder_png, shrunk,
};

/// `IMAGE` of the JSON API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhotoJson {
    #[serde(rename = "@id")]
    at_id: String,
    id: Uuid,
    original_filename: String,
    status: &'static str,
    ponka_added_at: Option<String>,
    created_at: String,
    url: String,
    thumbnail_url: Option<String>,
    width: i32,
    height: i32,
}

impl From<&Photo> for PhotoJson {
    fn from(photo: &Photo) -> Self {
        Self {
            at_id: format!("/api/images/{}", photo.id),
            id: photo.id,
            original_filename: photo.original_filename.clone(),
            status: photo.status.as_str(),
            ponka_added_at: photo.ponka_added_at.map(rfc3339),
            created_at: rfc3339(photo.created_at),
            url: media_url(&photo.media),
            thumbnail_url: photo.thumbnail.as_deref().map(media_url),
            width: photo.width,
            height: photo.height,
        }
    }
}

/// What is left of a photo that was there.
#[derive(Debug, Serialize)]
pub(super) struct DeletedView {
    #[serde(rename = "@id")]
    at_id: String,
    id: Uuid,
    status: &'static str,
}

impl DeletedView {
    pub(super) fn of(id: Uuid) -> Self {
        Self { at_id: format!("/api/images/{id}"), id, status: "deleted" }
    }
}

/// The photo on a page.
pub(super) fn page_view(photo: &Photo) -> PhotoView {
    PhotoView {
        id: photo.id,
        original_filename: photo.original_filename.clone(),
        state: match photo.status {
            PhotoStatus::Queued => PhotoState::Queued,
            PhotoStatus::Processing => PhotoState::Processing,
            PhotoStatus::Done => PhotoState::Done,
            PhotoStatus::Failed => PhotoState::Failed,
        },
        url: media_url(&photo.media),
        thumbnail_url: photo.thumbnail.as_deref().map(media_url),
        srcset: srcset(photo),
        placeholder: photo.placeholder.as_deref().and_then(placeholder),
        alt: photo.alt.clone().unwrap_or_else(|| default_alt(photo)),
        width: photo.width.unsigned_abs(),
        height: photo.height.unsigned_abs(),
        created_at: photo.created_at.and_utc(),
        ponka_added_at: photo.ponka_added_at.map(|at| at.and_utc()),
        reason: photo.failure.as_deref().map(|code| reason(code, &photo.original_filename)),
    }
}

/// Every rendition with its width in pixels; of two with the same width, the first.
fn srcset(photo: &Photo) -> String {
    let size = (photo.width.unsigned_abs(), photo.height.unsigned_abs());
    let whole = match photo.status {
        PhotoStatus::Done => size,
        _ => shrunk(size, PREVIEW_LONG_SIDE),
    };
    let all = [
        (photo.small.as_deref(), shrunk(size, SMALL_LONG_SIDE)),
        (photo.thumbnail.as_deref(), shrunk(size, TILE_LONG_SIDE)),
        (photo.large.as_deref(), shrunk(size, PREVIEW_LONG_SIDE)),
        (Some(&*photo.media), whole),
    ];
    let mut widths = BTreeMap::new();
    for (name, (width, _)) in all {
        if let Some(name) = name {
            widths.entry(width).or_insert_with(|| format!("{} {width}w", media_url(name)));
        }
    }
    widths.into_values().collect::<Vec<_>>().join(", ")
}

fn placeholder(thumb_hash: &str) -> Option<String> {
    let png = placeholder_png(thumb_hash)?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}

/// What the gallery can say of a photo that nobody has described.
fn default_alt(photo: &Photo) -> String {
    format!("Photo {}, added {}", photo.original_filename, photo.created_at.format("%-d %B %Y"))
}

fn reason(code: &str, file: &str) -> String {
    match code {
        "incomplete" => UploadRefusal::Incomplete.sentence(file),
        "not_supported" => UploadRefusal::NotSupported.sentence(file),
        _ => UploadRefusal::Unavailable.sentence(file),
    }
}

/// Why a photo is not taken.
pub(super) fn refusal(problem: &PhotoProblem) -> UploadRefusal {
    match *problem {
        PhotoProblem::NotSupported => UploadRefusal::NotSupported,
        PhotoProblem::Heic => UploadRefusal::Heic,
        PhotoProblem::TooManyPixels { width, height } => {
            UploadRefusal::TooManyPixels { width, height }
        }
        PhotoProblem::SideTooLong { width, height } => UploadRefusal::SideTooLong { width, height },
        PhotoProblem::Incomplete | PhotoProblem::Damaged(_) => UploadRefusal::Incomplete,
        _ => UploadRefusal::Unavailable,
    }
}

fn media_url(name: &str) -> String {
    format!("/media/{name}")
}

fn rfc3339(time: NaiveDateTime) -> String {
    let time: DateTime<Utc> = time.and_utc();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(status: PhotoStatus, width: i32, height: i32) -> Photo {
        Photo {
            id: Uuid::nil(),
            owner_id: Uuid::nil(),
            filename: Uuid::nil(),
            original_filename: "cat.jpg".to_owned(),
            status,
            width,
            height,
            media: "whole".to_owned(),
            thumbnail: Some("tile".to_owned()),
            failure: None,
            ponka_added_at: None,
            created_at: NaiveDateTime::default(),
            idempotency_key: None,
            small: Some("small".to_owned()),
            large: Some("large".to_owned()),
            placeholder: None,
            content_hash: None,
            alt: None,
        }
    }

    #[test]
    fn ux_24_every_width_is_named_once_and_as_it_is() {
        let done = PhotoStatus::Done;
        let all = "/media/small 320w, /media/tile 640w, /media/large 1280w, /media/whole 4000w";
        assert_eq!(srcset(&post(done, 4000, 3000)), all);
        let upright = "/media/small 240w, /media/tile 480w, /media/large 960w, /media/whole 3000w";
        assert_eq!(srcset(&post(done, 3000, 4000)), upright);
        let waiting = Photo { large: None, ..post(PhotoStatus::Queued, 4000, 3000) };
        assert_eq!(srcset(&waiting), "/media/small 320w, /media/tile 640w, /media/whole 1280w");
        let tiny = Photo { small: None, large: None, ..post(done, 300, 200) };
        assert_eq!(srcset(&tiny), "/media/tile 300w");
    }

    #[test]
    fn ux_18_a_photo_says_what_it_is_even_if_its_owner_does_not() {
        let plain = post(PhotoStatus::Done, 4, 3);
        assert_eq!(page_view(&plain).alt, "Photo cat.jpg, added 1 January 1970");
        let described = Photo { alt: Some("A cat".to_owned()), ..plain };
        assert_eq!(page_view(&described).alt, "A cat");
    }

    #[test]
    fn ux_23_a_placeholder_is_a_small_data_uri() {
        let hash = Some("1QcSHQRnh493V4dIh4eXh1h4kJUI".to_owned());
        let photo = Photo { placeholder: hash, ..post(PhotoStatus::Done, 4, 3) };
        let shown = page_view(&photo).placeholder.unwrap();
        assert!(shown.starts_with("data:image/png;base64,iVBOR") && shown.len() < 1500, "{shown}");
        let garbled = Photo { placeholder: Some("?".to_owned()), ..photo };
        assert_eq!(page_view(&garbled).placeholder, None);
    }
}
