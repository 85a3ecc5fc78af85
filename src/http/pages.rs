//! What the templates are given: one struct for each page.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::account_pages::AccountView;
use super::catalogue::patterns_for_scripts;

/// One photo on a page (`_tile.html`).
#[derive(Debug, Clone, Serialize)]
pub struct PhotoView {
    /// The id, also in `id="photo-…"`.
    pub id: Uuid,
    /// The client's name for it, made harmless.
    pub original_filename: String,
    /// Where it is on its way.
    pub state: PhotoState,
    /// The whole photo, `/media/…`.
    pub url: String,
    /// A smaller one for the grid, if there is one.
    pub thumbnail_url: Option<String>,
    /// All of them with their widths, for the attribute `srcset`.
    pub srcset: String,
    /// What to show until one of them has come: a `data:` URI.
    pub placeholder: Option<String>,
    /// What is to be seen on it, for those who do not see it; never empty.
    pub alt: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
    /// When Ponka came by, if she did.
    pub ponka_added_at: Option<DateTime<Utc>>,
    /// Why it failed, as a sentence; shown only in the state `failed`.
    pub reason: Option<String>,
}

/// `data-state` of a tile, and `status` of an `IMAGE` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PhotoState {
    /// Waiting for a worker.
    Queued,
    /// A worker has it.
    Processing,
    /// Ponka is on it.
    Done,
    /// Ponka could not visit it.
    Failed,
}

impl PhotoState {
    /// Whether the photo will change by itself.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Queued | Self::Processing)
    }
}

/// `home/index.html`.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    now: DateTime<Utc>,
    total: u64,
    /// The catalogue's sentences for the script, as JSON.
    sentences: String,
    photos: Vec<PhotoView>,
    older: Option<String>,
    refusals: Vec<String>,
    notice: Option<String>,
    pending: bool,
    is_first_page: bool,
    may_upload: bool,
    last_event: i64,
}

impl HomePage {
    /// The gallery: `total` is the number in the title, `photos` one page of it, newest first.
    #[must_use]
    pub fn new(now: DateTime<Utc>, total: u64, photos: Vec<PhotoView>) -> Self {
        let pending = photos.iter().any(|photo| photo.state.is_pending());
        Self {
            now,
            total,
            sentences: serde_json::json!(patterns_for_scripts()).to_string(),
            photos,
            older: None,
            refusals: Vec::new(),
            notice: None,
            pending,
            is_first_page: true,
            may_upload: true,
            last_event: 0,
        }
    }

    /// The number of the last change that the page shows: `/events?lastEventId=` goes on from there.
    #[must_use]
    pub fn with_last_event(mut self, number: i64) -> Self {
        self.last_event = number;
        self
    }

    /// There are older photos, at this cursor.
    #[must_use]
    pub fn with_older(mut self, cursor: Option<String>) -> Self {
        self.older = cursor;
        self
    }

    /// This is not the first page: a way back is shown and no upload form.
    #[must_use]
    pub fn continued(mut self) -> Self {
        self.is_first_page = false;
        self
    }

    /// Only somebody with an account may upload, and nobody is signed in: instead of the form there is
    /// the way to one.
    #[must_use]
    pub fn for_members_only(mut self) -> Self {
        self.may_upload = false;
        self
    }

    /// The upload was refused, with these sentences. The page then stays as it is, so that they can be
    /// read.
    #[must_use]
    pub fn with_refusals(mut self, sentences: Vec<String>) -> Self {
        self.refusals = sentences;
        self.pending = false;
        self
    }

    /// Something went well: "Deleted cat.jpg."
    #[must_use]
    pub fn with_notice(mut self, sentence: impl Into<String>) -> Self {
        self.notice = Some(sentence.into());
        self
    }
}

/// `images/show.html`.
#[derive(Debug, Clone, Serialize)]
pub struct PhotoPage {
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// What is shown of the photo.
    pub photo: PhotoView,
    /// Whether the page refreshes itself.
    pending: bool,
}

impl PhotoPage {
    /// The page of one photo.
    #[must_use]
    pub fn new(now: DateTime<Utc>, photo: PhotoView) -> Self {
        Self { now, pending: photo.state.is_pending(), photo }
    }
}

/// `_tile.html`, for a tile alone.
#[derive(Debug, Clone, Serialize)]
pub struct TileFragment {
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// What is shown of the photo.
    pub photo: PhotoView,
}

/// `error.html`.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// The name under which the log says more about it, if we are to blame.
    pub incident: Option<String>,
    /// The HTTP status, shown beside the title.
    pub status: u16,
    /// The heading: a few words, no code.
    pub title: String,
    /// What happened and what to do.
    pub sentence: String,
    /// Who is signed in.
    pub account: Option<AccountView>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AppEnv;
    use crate::http::templates::Templates;

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn photo(state: PhotoState) -> PhotoView {
        PhotoView {
            id: Uuid::from_u128(7),
            original_filename: "\"><img src=x onerror=alert(1)>{{7*7}}.jpg".to_owned(),
            state,
            url: "/media/1.jpg".to_owned(),
            thumbnail_url: None,
            srcset: "/media/1.jpg 640w".to_owned(),
            placeholder: None,
            alt: "Photo <cat>, added 23 November 2026".to_owned(),
            width: 640,
            height: 480,
            created_at: now(),
            ponka_added_at: "2026-11-23T11:58:00Z".parse().ok(),
            reason: Some("<b>cat.jpg</b> seems cut off. Try uploading it again.".to_owned()),
        }
    }

    fn home(page: HomePage) -> String {
        Templates::load(AppEnv::Test).unwrap().render("home/index.html", page).unwrap()
    }

    #[test]
    fn every_state_has_its_sentence_and_only_waiting_refreshes_the_page() {
        for (state, name, sentence, refreshes) in [
            (PhotoState::Queued, "queued", "Ponka is napping. Check back soon.", true),
            (PhotoState::Processing, "processing", "Ponka is at work…", true),
            (PhotoState::Done, "done", "Ponka visited your photo <time datetime=\"2026", false),
            (PhotoState::Done, "done", ">2 minutes ago</time>", false),
            (PhotoState::Failed, "failed", "seems cut off. Try uploading it again.", false),
        ] {
            let html = home(HomePage::new(now(), 1, vec![photo(state)]));
            assert!(html.contains("<title>Ponka’d 1 photo</title>"));
            assert!(html.contains(sentence), "{html}");
            assert!(html.contains(&format!("data-state=\"{name}\"")));
            assert_eq!(html.contains("http-equiv=\"refresh\""), refreshes, "{name}");

            let page = PhotoPage::new(now(), photo(state));
            let html =
                Templates::load(AppEnv::Test).unwrap().render("images/show.html", page).unwrap();
            assert!(html.contains(sentence), "{html}");
            assert_eq!(html.contains("http-equiv=\"refresh\""), refreshes, "{name}");
        }
    }

    #[test]
    fn hostile_names_are_text_and_nothing_is_inline() {
        let page = HomePage::new(now(), 2, vec![photo(PhotoState::Failed)])
            .with_refusals(vec!["<script>alert(1)</script> is 11.0 MB.".to_owned()])
            .with_notice("Deleted <i>cat</i>.")
            .with_older(Some("a&b\"c".to_owned()));
        let html = home(page);
        assert!(html.contains("<title>Ponka’d 2 photos</title>"));
        assert!(html.contains("href=\"/?cursor=a%26b%22c\""), "{html}");
        for forbidden in
            ["<img src=x", "<script>", "<b>", "<i>", "style=", " onerror=alert(1)>{{", "49.jpg"]
        {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
    }

    #[test]
    fn an_empty_gallery_shows_a_sleeping_cat_and_the_form() {
        let html = home(HomePage::new(now(), 0, vec![]));
        assert!(html.contains("Ponka is asleep") && html.contains("action=\"/images\""));
        let html = home(HomePage::new(now(), 0, vec![]).continued());
        assert!(html.contains("no older photos") && !html.contains("<form"));
    }
}
