//! A gallery as its owner knows it: what was uploaded, what was answered, what was deleted.

use std::fmt;
use std::sync::LazyLock;

use serde_json::Value;
use uuid::Uuid;

use crate::browser::{Browser, Request};
use crate::client::{FORM, form};
use crate::photos;
use crate::world::World;

/// So often somebody tries again what may have been done: to delete, to upload with a key.
const TRIES: usize = 4;

static PHOTOS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let sizes = [(64, 48), (160, 120), (320, 240), (400, 300), (800, 600)];
    sizes.into_iter().map(|(width, height)| photos::jpeg(width, height)).collect()
});

/// What somebody has, by what the answers said.
pub(crate) struct Gallery {
    pub(crate) browser: Browser,
    pub(crate) photos: Vec<Photo>,
    /// How many uploads were begun: the name of a file says which it was.
    uploads: usize,
}

/// A photo that was answered 201.
#[derive(Debug, Clone)]
pub(crate) struct Photo {
    pub(crate) id: String,
    /// The name that it had on the client's side.
    pub(crate) name: String,
    /// The id of its files.
    pub(crate) file: Uuid,
    pub(crate) fate: Fate,
}

/// Whether a photo is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    /// Its deletion was answered 204, or it was gone when asked once more.
    Deleted,
    /// Its deletion was not answered, or with 503.
    Unknown,
}

/// What became of an upload, as far as the client knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upload {
    Accepted,
    Refused,
    Unknown,
}

impl fmt::Display for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, file, fate } = self;
        write!(f, "photo {id} ({name}, file {file}, {fate:?})")
    }
}

/// One of the photos that are uploaded.
pub(crate) fn photo(number: usize) -> &'static [u8] {
    &PHOTOS[number % PHOTOS.len()]
}

impl Gallery {
    pub(crate) fn new(browser: Browser) -> Self {
        Self { browser, photos: Vec::new(), uploads: 0 }
    }

    /// Uploads a photo. With an `Idempotency-Key` once more, until there is an answer, and every
    /// other time once more after it.
    pub(crate) async fn upload(&mut self, world: &World, photo: &[u8], with_key: bool) -> Upload {
        let name = self.next_name();
        let key = with_key.then(|| format!("key of {name}"));
        let mut upload = Upload::Refused;
        for _ in 0..if with_key { TRIES } else { 1 } {
            upload = self.upload_once(world, &name, photo, key.as_deref()).await;
            if upload == Upload::Accepted {
                break;
            }
        }
        if with_key && upload == Upload::Accepted && self.uploads.is_multiple_of(2) {
            self.upload_once(world, &name, photo, key.as_deref()).await;
        }
        upload
    }

    async fn upload_once(
        &mut self,
        world: &World,
        name: &str,
        photo: &[u8],
        key: Option<&str>,
    ) -> Upload {
        let mut headers = vec![("Content-Type", FORM)];
        headers.extend(key.map(|key| ("Idempotency-Key", key)));
        let body = form(&[(name, photo)]);
        let request =
            Request { headers: &headers, body: &body, ..Request::new("POST", "/api/images") };
        match self.browser.ask(world, request).await {
            Some(answer) if answer.status == 201 => {
                self.accepted(world, name, &answer.json());
                Upload::Accepted
            }
            // It may have been stored when something went wrong.
            Some(answer) if answer.status >= 500 => Upload::Unknown,
            Some(_) => Upload::Refused,
            None => Upload::Unknown,
        }
    }

    fn accepted(&mut self, world: &World, name: &str, image: &Value) {
        let id = image["id"].as_str().unwrap_or_default().to_owned();
        let file = image["url"].as_str().and_then(|url| url.strip_prefix("/media/")?.get(..32));
        let file = Uuid::try_parse(file.unwrap_or_default()).unwrap();
        world.journal.note(format!("{name} is photo {id}, file {file}"));
        match self.photos.iter().find(|photo| photo.name == name) {
            Some(known) if known.id == id => {}
            Some(known) => {
                let detail = format!("{name} is {} at first and {id} later", known.id);
                world.ledger().broken("one Idempotency-Key is one photo", detail);
            }
            None => {
                let (name, fate) = (name.to_owned(), Fate::Kept);
                self.photos.push(Photo { id, name, file, fate });
            }
        }
    }

    /// Goes away in the middle of an upload.
    pub(crate) async fn upload_half(&mut self, world: &World, photo: &[u8]) {
        let name = format!("half-{}", self.next_name());
        let (headers, body) = ([("Content-Type", FORM)], form(&[(&name, photo)]));
        let request =
            Request { headers: &headers, body: &body, ..Request::new("POST", "/api/images") };
        self.browser.break_off(world, request).await;
    }

    fn next_name(&mut self) -> String {
        self.uploads += 1;
        format!("{}-{:03}.jpg", self.browser.name, self.uploads)
    }

    /// The number of one of the photos that must be there; `None` if there is none.
    pub(crate) fn choose(&self, which: usize) -> Option<usize> {
        let kept = |(number, photo): (usize, &Photo)| (photo.fate == Fate::Kept).then_some(number);
        let kept: Vec<usize> = self.photos.iter().enumerate().filter_map(kept).collect();
        (!kept.is_empty()).then(|| kept[which % kept.len()])
    }

    /// Deletes a photo, once more until there is an answer.
    pub(crate) async fn delete(&mut self, world: &World, number: usize) {
        let path = format!("/api/images/{}", self.photos[number].id);
        for _ in 0..TRIES {
            let answer = self.browser.ask(world, Request::new("DELETE", &path)).await;
            let photo = &mut self.photos[number];
            match answer.map(|answer| answer.status) {
                Some(204) => photo.fate = Fate::Deleted,
                Some(404) if photo.fate == Fate::Unknown => photo.fate = Fate::Deleted,
                Some(404) => {
                    let detail = format!("{photo} is 404 before it was deleted");
                    world.ledger().broken("an accepted photo stays", detail);
                    photo.fate = Fate::Deleted;
                }
                _ => photo.fate = Fate::Unknown,
            }
            if photo.fate == Fate::Deleted {
                return;
            }
        }
    }

    /// Looks at the first page and at a photo.
    pub(crate) async fn look(&mut self, world: &World, number: usize) {
        self.browser.get(world, "/").await;
        let photo = self.photos[number].clone();
        let answer = self.browser.get(world, &format!("/api/images/{}", photo.id)).await;
        if answer.is_some_and(|answer| answer.status == 404) {
            world.ledger().broken("an accepted photo stays", format!("{photo} is 404"));
        }
    }
}
