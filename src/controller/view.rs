//! A photo as the outside sees it: in JSON and on pages.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::entity::{ImagePost, PhotoStatus};
use crate::http::catalogue::UploadRefusal;
use crate::http::pages::{PhotoState, PhotoView};
use crate::photo::PhotoProblem;

/// `IMAGE` of the JSON API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageView {
    #[serde(rename = "@id")]
    at_id: String,
    id: String,
    original_filename: String,
    status: &'static str,
    ponka_added_at: Option<String>,
    created_at: String,
    url: String,
    thumbnail_url: Option<String>,
    width: i32,
    height: i32,
}

impl From<&ImagePost> for ImageView {
    fn from(post: &ImagePost) -> Self {
        Self {
            at_id: format!("/api/images/{}", post.id),
            id: post.id.clone(),
            original_filename: post.original_filename.clone(),
            status: post.status.as_str(),
            ponka_added_at: post.ponka_added_at.map(rfc3339),
            created_at: rfc3339(post.created_at),
            url: media_url(&post.media),
            thumbnail_url: post.thumbnail.as_deref().map(media_url),
            width: post.width,
            height: post.height,
        }
    }
}

/// The photo on a page.
pub(super) fn page_view(post: &ImagePost) -> PhotoView {
    PhotoView {
        id: Uuid::try_parse(&post.id).unwrap_or_default(),
        original_filename: post.original_filename.clone(),
        state: match post.status {
            PhotoStatus::Queued => PhotoState::Queued,
            PhotoStatus::Processing => PhotoState::Processing,
            PhotoStatus::Done => PhotoState::Done,
            PhotoStatus::Failed => PhotoState::Failed,
        },
        url: media_url(&post.media),
        thumbnail_url: post.thumbnail.as_deref().map(media_url),
        width: post.width.unsigned_abs(),
        height: post.height.unsigned_abs(),
        created_at: post.created_at.and_utc(),
        ponka_added_at: post.ponka_added_at.map(|at| at.and_utc()),
        reason: post.failure.as_deref().map(|code| reason(code, &post.original_filename)),
    }
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
        PhotoProblem::TooManyPixels { width, height }
        | PhotoProblem::SideTooLong { width, height } => {
            UploadRefusal::TooManyPixels { width, height }
        }
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
